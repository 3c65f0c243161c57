package classfolders

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Notes are what a user should know about the files: what is left out, and labels that one may not expect.
func (l *Listing) Notes() []string {
	var notes []string
	if n := l.unread.count(); n > 0 {
		were := fmt.Sprintf("%d files were", n)
		if n == 1 {
			were = "1 file was"
		}
		notes = append(notes, fmt.Sprintf("%s left out: %s", were, l.unread))
	}
	if len(l.idle) > 0 {
		notes = append(notes, fmt.Sprintf("folders without %s are not classes: %s; with generators.EmptyClasses they are", l.what.Many, ShortList(l.idle)))
	}
	if bare := l.bare(); len(bare) > 0 && !l.what.EmptyClasses {
		notes = append(notes, fmt.Sprintf("classes without %s that can be read: %s", l.what.One, ShortList(bare)))
	}
	if n := l.orderNote(); n != "" {
		notes = append(notes, n)
	}
	return notes
}

// leftOut counts files that are not read.
type leftOut struct {
	endings map[string]int // of names, in lower case
	foreign int            // files of formats of the kind among them
}

func (l *leftOut) add(name string, foreign func(ending string) bool) {
	ending := strings.ToLower(path.Ext(name))
	if foreign(ending) {
		l.foreign++
	}
	l.addSome(ending, 1)
}

func (l *leftOut) addSome(ending string, n int) {
	if l.endings == nil {
		l.endings = map[string]int{}
	}
	l.endings[ending] += n
}

func (l leftOut) count() int {
	n := 0
	for _, m := range l.endings {
		n += m
	}
	return n
}

// String lists the endings, the most frequent first: "2 .heic, 1 .txt".
func (l leftOut) String() string {
	endings := slices.SortedFunc(maps.Keys(l.endings), func(a, b string) int {
		if l.endings[a] != l.endings[b] {
			return l.endings[b] - l.endings[a]
		}
		return strings.Compare(a, b)
	})
	const most = 8
	var parts []string
	others := 0
	for i, ending := range endings {
		switch n := l.endings[ending]; {
		case i >= most:
			others += n
		case ending == "":
			parts = append(parts, fmt.Sprintf("%d without an ending", n))
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, ending))
		}
	}
	if others > 0 {
		parts = append(parts, fmt.Sprintf("%d others", others))
	}
	return strings.Join(parts, ", ")
}

// isBookkeeping knows files and folders that systems and tools leave behind.
func isBookkeeping(name string) bool {
	if strings.HasPrefix(name, ".") {
		return true
	}
	switch strings.ToLower(name) {
	case "__macosx", "@eadir", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__pycache__", "lost+found", "$recycle.bin", "system volume information":
		return true
	}
	return false
}

// ShortList is the first of the names.
func ShortList(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// bare are the classes without a file.
func (l *Listing) bare() []string {
	counts := make([]int, len(l.Names))
	for _, class := range l.classes {
		counts[class]++
	}
	var bare []string
	for class, n := range counts {
		if n == 0 {
			bare = append(bare, l.Names[class])
		}
	}
	return bare
}

// orderNote tells labels that one may not expect, of folders with numbers in their names.
func (l *Listing) orderNote() string {
	numbers := len(l.Names) > 0
	odd := -1 // the first label that is not the number
	for label, name := range l.Names {
		n, err := strconv.Atoi(name)
		numbers = numbers && err == nil
		if odd < 0 && n != label {
			odd = label
		}
	}
	inOrder := slices.IsSortedFunc(l.Names, compareNumbers)
	label := odd
	if !numbers {
		label = l.firstMoved()
	}
	switch {
	case !inOrder && label >= 0:
		return fmt.Sprintf("class folders are in the order of the alphabet, as in torchvision's ImageFolder: label %d is the folder %s; "+
			"generators.NumericOrder sorts them by their numbers", label, l.Names[label])
	case numbers && odd >= 0:
		return fmt.Sprintf("labels are positions among the class folders, not the numbers that they are called by: label %d is the folder %s", odd, l.Names[odd])
	}
	return ""
}

// firstMoved is the first label that another folder would have in the order of numbers, -1 for none.
func (l *Listing) firstMoved() int {
	sorted := slices.SortedStableFunc(slices.Values(l.Names), compareNumbers)
	for label, name := range sorted {
		if l.Names[label] != name {
			return label
		}
	}
	return -1
}

// compareNumbers compares names by the numbers in them, and by the alphabet between the numbers.
func compareNumbers(a, b string) int {
	for a != "" && b != "" {
		m, n := leadingDigits(a), leadingDigits(b)
		if m == 0 || n == 0 {
			if a[0] != b[0] {
				return strings.Compare(a, b)
			}
			a, b = a[1:], b[1:]
			continue
		}
		x, y := strings.TrimLeft(a[:m], "0"), strings.TrimLeft(b[:n], "0")
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		if x != y {
			return strings.Compare(x, y)
		}
		a, b = a[m:], b[n:]
	}
	return strings.Compare(a, b)
}

func leadingDigits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

package generators

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/pixels"
)

// listing is what a folder of images has besides them.
type listing struct {
	unread leftOut
	idle   []string // folders without images, which are no classes
}

// leftOut counts files that are not read.
type leftOut struct {
	endings map[string]int // of names, in lower case
	images  int            // files of image formats among them
}

func (l *leftOut) add(name string) {
	ending := strings.ToLower(path.Ext(name))
	if pixels.IsForeign(ending) {
		l.images++
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

// Notes implements [input.Noted].
func (f *Folder) Notes() []string {
	all := make([]int, len(f.paths))
	for i := range all {
		all[i] = i
	}
	return f.notesOn(all)
}

// notesOn implements partly.
func (f *Folder) notesOn(indices []int) []string {
	var notes []string
	if n := f.unread.count(); n > 0 {
		notes = append(notes, fmt.Sprintf("%s left out: %s", files(n), f.unread))
	}
	if len(f.idle) > 0 {
		notes = append(notes, fmt.Sprintf("folders without images are no classes: %s; with generators.EmptyClasses they are", shortList(f.idle)))
	}
	if bare := f.bare(); len(bare) > 0 && !f.empty {
		notes = append(notes, "classes without an image that can be read: "+shortList(bare))
	}
	if n := f.orderNote(); n != "" {
		notes = append(notes, n)
	}
	if n := f.orientationNote(indices); n != "" {
		notes = append(notes, n)
	}
	return notes
}

func files(n int) string {
	if n == 1 {
		return "1 file was"
	}
	return fmt.Sprintf("%d files were", n)
}

func shortList(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// bare are the classes without an image.
func (f *Folder) bare() []string {
	counts := make([]int, len(f.names))
	for _, class := range f.classes {
		counts[class]++
	}
	var bare []string
	for class, n := range counts {
		if n == 0 {
			bare = append(bare, f.names[class])
		}
	}
	return bare
}

// orderNote tells labels that one may not expect, of folders with numbers in their names.
func (f *Folder) orderNote() string {
	numbers := len(f.names) > 0
	odd := -1 // the first label that is not the number
	for label, name := range f.names {
		n, err := strconv.Atoi(name)
		numbers = numbers && err == nil
		if odd < 0 && n != label {
			odd = label
		}
	}
	inOrder := slices.IsSortedFunc(f.names, compareNumbers)
	label := odd
	if !numbers {
		label = f.firstMoved()
	}
	switch {
	case !inOrder && label >= 0:
		return fmt.Sprintf("class folders are in the order of the alphabet, as in torchvision's ImageFolder: label %d is the folder %s; "+
			"generators.NumericOrder sorts them by their numbers", label, f.names[label])
	case numbers && odd >= 0:
		return fmt.Sprintf("labels are positions among the class folders, not the numbers that they are called by: label %d is the folder %s", odd, f.names[odd])
	}
	return ""
}

// firstMoved is the first label that another folder would have in the order of numbers, -1 for none.
func (f *Folder) firstMoved() int {
	sorted := slices.SortedStableFunc(slices.Values(f.names), compareNumbers)
	for label, name := range sorted {
		if f.names[label] != name {
			return label
		}
	}
	return -1
}

// orientationNote counts images that are to be turned.
func (f *Folder) orientationNote(indices []int) string {
	n := 0
	for _, i := range indices {
		if f.orientation(i) > 1 {
			n++
		}
	}
	switch {
	case n == 0:
		return ""
	case f.reading.Upright:
		return fmt.Sprintf("%s turned as the EXIF orientation says", images(n))
	}
	return fmt.Sprintf("%s not turned as the EXIF orientation says, as by Pillow and torchvision; generators.Upright turns them, as OpenCV does", images(n))
}

func images(n int) string {
	if n == 1 {
		return "1 image is"
	}
	return fmt.Sprintf("%d images are", n)
}

// orientation is the EXIF orientation of a file, 1 for none. A TIFF file, which is turned in any case, and one that
// cannot be read have none. It reads the beginning of the file, once.
func (f *Folder) orientation(i int) int {
	if known := f.turned[i].Load(); known > 0 {
		return int(known)
	}
	found := f.findOrientation(f.paths[i])
	f.turned[i].Store(uint32(found))
	return found
}

func (f *Folder) findOrientation(name string) int {
	file, err := f.fsys.Open(name)
	if err != nil {
		return 1
	}
	defer func() { _ = file.Close() }()
	content, size, err := readerAt(file)
	if err != nil {
		return 1
	}
	head := make([]byte, 16)
	n, _ := content.ReadAt(head, 0)
	format, err := pixels.FormatOf(head[:n])
	if err != nil {
		return 1
	}
	return format.Orientation(content, size)
}

// readerAt reads a file piecewise, or where it cannot be read so, as a whole.
func readerAt(file fs.File) (io.ReaderAt, int64, error) {
	if r, ok := file.(io.ReaderAt); ok {
		info, err := file.Stat()
		if err != nil {
			return nil, 0, err
		}
		return r, info.Size(), nil
	}
	content, err := io.ReadAll(file)
	return bytes.NewReader(content), int64(len(content)), err
}

// partly is a source whose notes depend on which of its seeds are taken.
type partly interface{ notesOn(indices []int) []string }

func notesOn(src input.Seeds, indices []int) []string {
	if p, ok := src.(partly); ok {
		return p.notesOn(indices)
	}
	return input.NotesOf(src)
}

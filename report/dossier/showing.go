package dossier

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
)

// The page stays small however many triggers are shown: so many bytes of text for all of them, of which each takes some for its words and
// the rest is shared among pictures, sounds and tables, in that order of their shares. The first triggers, which are those of most
// clusters, come first; of the others the files in their folders are left.
const (
	mostCardBytes  = 4_600_000
	cardBytes      = 2_500 // of a trigger without any of these
	pictureShare   = 0.55
	soundShare     = 0.3
	mostPerTrigger = 400_000 // pictures of one
)

// What of one trigger the page shows at most.
const (
	shownRows    = 10   // of a table
	shownAround  = 40   // letters around an edit
	shownLetters = 1200 // of a text
	longestCell  = 240  // letters
	// leastSoundBytes are those of a sound of which the first triggers have some, where there are too many for all: a quarter of a
	// second at 44,100 Hz.
	leastSoundBytes = 24_000
)

type (
	// showing is what the page shows of a trigger beside what stands in the document.
	showing struct {
		Panels    []panelView
		Drawn     []panelView // what both models say, over the input
		Pixelated bool
		Heat      bool // a panel is a heat map
		Tables    []tableView
		Texts     []textView
		Sounds    []soundView
		Answers   []tableView // both answers in numbers
		Left      string      // what there was no room for; "" for nothing
	}
	panelView struct {
		Name, Alt string
		Source    template.URL
	}
	tableView struct {
		Name string
		Head []string
		Rows []rowView
		Bars bool
		Left int
	}
	rowView struct {
		Cells []string
		Bars  []barView
	}
	// barView is a bar of a viewBox of 100 x 12.
	barView struct{ X, Y, Width, Height float64 }
	// textView is a text with its edits.
	textView struct {
		Name   string
		Pieces []pieceView
		Left   int
	}
	pieceView struct {
		TakenOut, PutIn bool
		Text            string
	}
	soundView struct {
		Name, Part string
		Source     template.URL
	}
)

// Empty reports whether nothing but the answers is shown.
func (s showing) Empty() bool {
	return len(s.Panels)+len(s.Drawn)+len(s.Tables)+len(s.Texts)+len(s.Sounds) == 0
}

// showings are what the page shows of the document's triggers; nil for those without their inputs.
func showings(doc Document, triggers []*engine.Trigger) []*showing {
	all := make([]*showing, len(triggers))
	room := float64(max(mostCardBytes-cardBytes*len(triggers), 0))
	pictures, played := budget(room*pictureShare), budget(room*soundShare)
	words := budget(room * (1 - pictureShare - soundShare))
	perSound := max(int(played)*3/4/max(mostSounds(triggers), 1), leastSoundBytes)
	missed := 0 // pictures in a row for which there was no room
	for i, t := range triggers {
		names := doc.namesOf(doc.Triggers[i].Pair)
		s := &showing{}
		all[i] = s
		for _, table := range report.AnswersOf(t, names) {
			if view := newTableView(table); words.spend(view.size()) {
				s.Answers = append(s.Answers, view)
			}
		}
		const enough = 3
		if missed >= enough && (t.Input.Kind == input.Image || t.Input.Kind == input.Signal) {
			s.leave("pictures") // are drawn for nothing
			continue
		}
		v, err := report.ViewOf(t, names...)
		if err != nil {
			continue
		}
		if missed++; s.showPanels(v, &pictures) {
			missed = 0
		}
		s.showWords(v, &words)
		s.showSounds(v, perSound, &played)
	}
	return all
}

// mostSounds is how many sounds the triggers may have.
func mostSounds(triggers []*engine.Trigger) (n int) {
	const each = 3
	for _, t := range triggers {
		kinds := []input.Kind{t.Input.Kind}
		for _, p := range t.Input.Parts() {
			kinds = append(kinds, p.Kind)
		}
		if slices.Contains(kinds, input.Signal) {
			n += each
		}
	}
	return n
}

// budget is how many bytes are left.
type budget int

// spend reports whether there are so many, and takes them.
func (b *budget) spend(bytes int) bool {
	if bytes > int(*b) {
		return false
	}
	*b -= budget(bytes)
	return true
}

// base64Bytes is the length of a data URI.
func base64Bytes(n int) int { return base64.StdEncoding.EncodedLen(n) + 32 }

func (s *showing) leave(what string) {
	if s.Left != "" {
		s.Left += ", "
	}
	s.Left += what
}

// showPanels is false where there is no room for pictures that there are.
func (s *showing) showPanels(v report.View, room *budget) bool {
	if len(v.Panels)+len(v.Answers) == 0 {
		return true
	}
	for _, most := range []int{mostPixels, mostPixels / 2} {
		p, err := v.Pictures(most)
		if err != nil {
			return true
		}
		size := 0
		for _, panel := range p.Panels {
			size += base64Bytes(len(panel.PNG))
		}
		if size > mostPerTrigger || !room.spend(size) {
			continue // smaller ones may fit
		}
		for i, panel := range p.Panels {
			shown := panelView{panel.Name, panel.Alt, dataURI("image/png", panel.PNG)}
			if i < len(v.Panels) {
				s.Panels = append(s.Panels, shown)
			} else {
				s.Drawn = append(s.Drawn, shown)
			}
		}
		s.Heat = v.Heat
		s.Pixelated = max(p.Width, p.Height) <= smallPicture
		return true
	}
	s.leave("pictures")
	return false
}

func (s *showing) showWords(v report.View, room *budget) {
	for _, t := range v.Tables {
		view := newTableView(t)
		if !room.spend(view.size()) {
			s.leave("a table")
			continue
		}
		s.Tables = append(s.Tables, view)
	}
	for _, t := range v.Texts {
		view := newTextView(t)
		if !room.spend(view.size()) {
			s.leave("a text")
			continue
		}
		s.Texts = append(s.Texts, view)
	}
}

func (s *showing) showSounds(v report.View, most int, room *budget) {
	for _, sound := range v.Sounds {
		short, from, seconds, ok := sound.Excerpt(most)
		if !ok || !room.spend(base64Bytes(len(short.WAV))) {
			s.leave("the sound of " + sound.Name)
			continue
		}
		part := fmt.Sprintf("%.2g s", seconds)
		if len(short.WAV) < len(sound.WAV) {
			part = fmt.Sprintf("%.2g s from %.3g s on", seconds, from)
		}
		s.Sounds = append(s.Sounds, soundView{sound.Name, part, dataURI("audio/wav", short.WAV)})
	}
}

// dataURI is a file that we made: nothing of it comes from outside.
func dataURI(kind string, data []byte) template.URL {
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data))
}

func newTableView(t report.Table) tableView {
	rows := t.Rows[:min(shownRows, len(t.Rows))]
	v := tableView{Name: t.Name, Head: t.Head, Left: t.Left + len(t.Rows) - len(rows)}
	for _, r := range rows {
		row := rowView{Bars: newBars(r.Bars)}
		v.Bars = v.Bars || len(r.Bars) > 0
		for _, cell := range r.Cells {
			if letters := []rune(cell); len(letters) > longestCell {
				cell = string(letters[:longestCell]) + "…"
			}
			row.Cells = append(row.Cells, cell)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// newBars go from the middle to the side of their sign, below each other where there are two.
func newBars(bars []float64) (views []barView) {
	height := 12.0
	if len(bars) > 1 {
		height = 5.5
	}
	for i, b := range bars {
		long := max(1, 50*max(b, -b))
		x := 50.0
		if b < 0 {
			x -= long
		}
		views = append(views, barView{round1(x), float64(i) * (height + 1), round1(long), height})
	}
	return views
}

func (v tableView) size() int {
	size := 200
	for _, r := range v.Rows {
		size += 150 * len(r.Bars)
		for _, cell := range r.Cells {
			size += len(cell) + 12
		}
	}
	return size
}

func newTextView(t report.Text) textView {
	short, left := t.Around(shownAround, shownLetters)
	v := textView{Name: t.Name, Left: left}
	for _, p := range short.Pieces {
		v.Pieces = append(v.Pieces, pieceView{p.Edit == report.TakenOut, p.Edit == report.PutIn, report.Visible(p.Text)})
	}
	return v
}

func (v textView) size() int {
	size := 100
	for _, p := range v.Pieces {
		size += len(p.Text) + 100
	}
	return size
}

// namesOf are the names of the classes of a pair, by label.
func (doc *Document) namesOf(pair string) []string {
	if doc.ClassNames != nil {
		return doc.ClassNames
	}
	if i := slices.IndexFunc(doc.Pairs, func(p Pair) bool { return p.Name == pair }); i >= 0 {
		return doc.Pairs[i].ClassNames
	}
	return nil
}

// namesAbout are those of what a check is about, by its name.
func (doc *Document) namesAbout(check string) []string {
	if i := slices.IndexFunc(doc.Checks, func(c Check) bool { return c.Name == check }); i >= 0 {
		return doc.namesOf(doc.Checks[i].Pair)
	}
	return doc.ClassNames
}

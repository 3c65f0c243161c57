package table

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
)

// Limits of what is read, so that a wrong file fails before it fills the memory.
const (
	mostColumns    = 1 << 14
	mostCells      = 1 << 27 // 512 MiB as float32
	mostCategories = 1000
	mostCell       = 1 << 12 // bytes of a cell
	exact          = 1 << 24 // up to which a float32 holds whole numbers
)

// Option says how a CSV file is to be read.
type Option func(*options) error

type options struct {
	columns []Column
	label   string
	classes []string
	without []string
	missing []string
	comma   rune
}

// Columns says of some columns what the data do not.
func Columns(columns ...Column) Option {
	return func(o *options) error {
		for _, c := range columns {
			if err := c.check(); err != nil {
				return fmt.Errorf("option Columns: %w", err)
			}
			if slices.ContainsFunc(o.columns, func(other Column) bool { return other.Name == c.Name }) {
				return fmt.Errorf("option Columns: column %q: expected each column once", c.Name)
			}
			o.columns = append(o.columns, c)
		}
		return nil
	}
}

// Label names the column of the true class, which is no part of the input. Whole numbers from 0 on are classes themselves, unless they are among
// those given; other cells are names, numbered in the order given or, without any, in that of the alphabet, which a note tells. An empty cell is no label.
func Label(column string, classes ...string) Option {
	return func(o *options) error {
		if column == "" || o.label != "" {
			return fmt.Errorf("option Label: expected the name of one column, found %q and %q", o.label, column)
		}
		o.label, o.classes = column, classes
		return nil
	}
}

// Without leaves columns out, such as an identifier or what a regressor is to say.
func Without(columns ...string) Option {
	return func(o *options) error {
		o.without = append(o.without, columns...)
		return nil
	}
}

// MissingCells are the texts of cells that are missing; spaces around them do not matter. Without this option they are "", "NA", "N/A", "NaN",
// "null" and "?".
func MissingCells(texts ...string) Option {
	return func(o *options) error {
		o.missing = texts
		return nil
	}
}

// Comma separates cells in place of ",", such as ';' or '\t'.
func Comma(r rune) Option {
	return func(o *options) error {
		if r == 0 || r == '"' || r == '\n' || r == '\r' {
			return fmt.Errorf("option Comma: expected a character such as ';', found %q", r)
		}
		o.comma = r
		return nil
	}
}

// CSV makes a seed of each row of a CSV file (RFC 4180: quoted cells may hold commas, quotes and line ends) whose first row names the
// columns. All columns but those of [Label] and [Without] are the input, of the kind row, in the order of the file.
//
// What no [Column] declares is taken from the data: cells that are all whole numbers are integers, other numbers are numbers, anything
// else is a category, and the domain is from the least to the greatest. Notes tell it. Cells of the wrong type and missing cells whose column
// declares no Missing are an error. A cell outside a declared domain is an error of its row, which is skipped.
//
// The rows are held in memory as float32.
func CSV(path string, opts ...Option) (*Seeds, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	defer func() { _ = f.Close() }()
	return read(f, path, opts)
}

// CSVFS is [CSV] of a file in a file system, such as an embedded one.
func CSVFS(fsys fs.FS, path string, opts ...Option) (*Seeds, error) {
	f, err := fsys.Open(path)
	if err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	defer func() { _ = f.Close() }()
	return read(f, path, opts)
}

// reading is a file that is being read: cells are numbers of texts until all of a column are known.
type reading struct {
	options
	name    string
	header  []string
	columns []*cells
	place   string // what lines are called: line, or row
	lines   []int  // of each row
}

// cells are those of a column.
type cells struct {
	Column
	at       int      // in the file
	texts    []string // that differ
	number   map[string]int
	numbers  []float32 // of each row: an index of texts or, where numeric, the number
	numeric  bool      // all so far
	whole    bool
	missing  int  // rows
	firstOut int  // line of the first missing cell
	auto     bool // the type was not declared
	found    bool // type and domain are those of the data, of a column of numbers
	notes    string
}

const missing = -1 // in place of the index of a text

func newReading(name, place string, opts []Option) (*reading, error) {
	t := &reading{name: name, place: place, options: options{comma: ',', missing: []string{"", "NA", "N/A", "NaN", "null", "?"}}}
	for _, option := range opts {
		if err := option(&t.options); err != nil {
			return nil, fmt.Errorf("table: %s: %w", name, err)
		}
	}
	return t, nil
}

func read(r io.Reader, name string, opts []Option) (*Seeds, error) {
	t, err := newReading(name, "line", opts)
	if err != nil {
		return nil, err
	}
	seeds, err := t.read(r)
	if err != nil {
		return nil, fmt.Errorf("table: %s: %w", name, err)
	}
	return seeds, nil
}

func (t *reading) read(r io.Reader) (*Seeds, error) {
	buffered := bufio.NewReader(r)
	if bom, _ := buffered.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = buffered.Discard(3)
	}
	rows := csv.NewReader(buffered)
	rows.Comma, rows.ReuseRecord = t.comma, true
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("expected a header that names the columns, found an empty file")
	}
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	return t.rows(header, func() (row []string, at int, err error) {
		row, err = rows.Read()
		if errors.Is(err, io.EOF) {
			return nil, 0, nil
		}
		if errors.Is(err, csv.ErrFieldCount) {
			line, _ := rows.FieldPos(0)
			return nil, 0, fmt.Errorf("line %d: expected %d cells, as in the header, found %d", line, len(t.header), len(row))
		}
		if err != nil {
			return nil, 0, err
		}
		at, _ = rows.FieldPos(0)
		return row, at, nil
	})
}

// rows reads all rows, each with the place where it is found; after the last one it is given none.
func (t *reading) rows(header []string, next func() (row []string, at int, err error)) (*Seeds, error) {
	if err := t.head(header); err != nil {
		return nil, err
	}
	for {
		row, line, err := next()
		if err != nil {
			return nil, err
		}
		if row == nil {
			break
		}
		if (len(t.lines)+1)*len(t.columns) > mostCells {
			return nil, fmt.Errorf("expected at most %d cells, found more", mostCells)
		}
		t.lines = append(t.lines, line)
		for _, c := range t.columns {
			if err := c.add(strings.TrimSpace(row[c.at]), line, t.options.missing); err != nil {
				return nil, fmt.Errorf("%s %d, column %q: %w", t.place, line, c.Name, err)
			}
		}
	}
	if len(t.lines) == 0 {
		return nil, fmt.Errorf("expected rows below the header, found none: %w", input.ErrNoSeeds)
	}
	return t.seeds()
}

// head finds the columns.
func (t *reading) head(header []string) error {
	if len(header) > mostColumns {
		return fmt.Errorf("header: expected at most %d columns, found %d", mostColumns, len(header))
	}
	for i, name := range header {
		name = strings.TrimSpace(name)
		switch {
		case name == "":
			return fmt.Errorf("header: column %d of %d has no name; expected one", i+1, len(header))
		case slices.Contains(t.header, name):
			return fmt.Errorf("header: expected each column once, found %q twice", name)
		}
		t.header = append(t.header, strings.Clone(name))
	}
	if row, ok := numbersAlone(t.header); ok {
		return fmt.Errorf("header: expected the names of the columns, found numbers alone: %s; is that the first row?", row)
	}
	asked := slices.Clone(t.without)
	for _, c := range t.options.columns {
		asked = append(asked, c.Name)
	}
	if t.label != "" {
		asked = append(asked, t.label)
	}
	for _, name := range asked {
		if !slices.Contains(t.header, name) {
			return fmt.Errorf("column %q: expected one of the header, %s", name, list(t.header))
		}
	}
	for i, name := range t.header {
		if slices.Contains(t.without, name) && name != t.label {
			continue
		}
		c := &cells{Column: Column{Name: name}, at: i, number: map[string]int{}, numeric: true, whole: true}
		for _, declared := range t.options.columns {
			if declared.Name == name {
				c.Column = declared
			}
		}
		if name == t.label && c.Type == "" {
			c.Type = Category
		}
		if c.Type == Category || len(c.Categories) > 0 {
			c.Type, c.numeric = Category, false
		}
		t.columns = append(t.columns, c)
	}
	if len(t.columns) == 0 || len(t.columns) == 1 && t.columns[0].Name == t.label {
		return errors.New("expected columns besides that of the label and those left out, found none")
	}
	return nil
}

// list is what names texts, not all of very many.
func list(texts []string) string {
	const most = 12
	if len(texts) > most {
		return fmt.Sprintf("%s and %d more", quoted(texts[:most]), len(texts)-most)
	}
	return quoted(texts)
}

func quoted(texts []string) string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = strconv.Quote(text)
	}
	return strings.Join(all, ", ")
}

// numbersAlone reports whether a header is a row of numbers, which it tells in brief. Columns that are counted from 0 or 1 on are names.
func numbersAlone(header []string) (row string, alone bool) {
	counted := [2]bool{true, true}
	for i, name := range header {
		if _, _, ok := number(name); !ok {
			return "", false
		}
		for from := range counted {
			counted[from] = counted[from] && name == strconv.Itoa(from+i)
		}
	}
	row = strings.Join(header[:min(3, len(header))], ", ")
	if len(header) > 3 {
		row += ", …"
	}
	return row, !counted[0] && !counted[1]
}

// number reads a cell; ok is false for other texts. Hexadecimal digits, infinity and NaN are none.
func number(text string) (v float32, whole, ok bool) {
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, false, false
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(f) > math.MaxFloat32 {
		return 0, false, false
	}
	return float32(f), f == math.Trunc(f) && math.Abs(f) < exact && !strings.ContainsAny(text, ".eE"), true
}

// add takes the cell of the next row.
func (c *cells) add(text string, line int, missingTexts []string) error {
	if len(text) > mostCell {
		return fmt.Errorf("expected a cell of at most %d bytes, found %d", mostCell, len(text))
	}
	if slices.Contains(missingTexts, text) && !slices.Contains(c.Categories, text) {
		if c.missing++; c.missing == 1 {
			c.firstOut = line
		}
		if c.Missing == "" {
			c.numbers = append(c.numbers, missing)
			return nil
		}
		text = c.Missing
	}
	if c.numeric {
		v, whole, ok := number(text)
		if ok {
			c.numbers, c.whole = append(c.numbers, v), c.whole && whole
			if c.Type == Integer && !whole {
				return fmt.Errorf("expected a whole number below %d, found %q", exact, text)
			}
			return nil
		}
		if c.Type != "" {
			return fmt.Errorf("expected a number, found %q", text)
		}
		if c.seen() > 0 {
			return fmt.Errorf("expected a number, as in the rows above, found %q; declare the column a category, or the text with MissingCells", text)
		}
		if f, err := strconv.ParseFloat(text, 64); math.Abs(f) > math.MaxFloat32 && (err == nil || errors.Is(err, strconv.ErrRange)) {
			return fmt.Errorf("expected a number that float32 holds, found %q; declare the column a category, or the text with MissingCells", text)
		}
		c.Type, c.numeric, c.auto = Category, false, true
	}
	i, known := c.number[text]
	if !known {
		if i = len(c.texts); i >= mostCategories && len(c.Categories) == 0 {
			return fmt.Errorf("expected at most %d categories, found more; leave the column out, or declare its type", mostCategories)
		}
		text = strings.Clone(text)
		c.number[text], c.texts = i, append(c.texts, text)
	}
	c.numbers = append(c.numbers, float32(i))
	return nil
}

// seen is how many rows had a cell that was not missing.
func (c *cells) seen() int {
	if c.Missing != "" {
		return len(c.numbers)
	}
	return len(c.numbers) - c.missing
}

// seeds makes seeds of what was read.
func (t *reading) seeds() (*Seeds, error) {
	s := &Seeds{name: filepath.Base(t.name), rows: len(t.lines), lines: t.lines, place: t.place, layout: &input.Layout{}}
	var lacking []string
	for _, c := range t.columns {
		if c.missing > 0 && c.Missing == "" && c.Name != t.label {
			lacking = append(lacking, fmt.Sprintf("%q (%d, the first in %s %d)", c.Name, c.missing, t.place, c.firstOut))
		}
	}
	if len(lacking) > 0 {
		return nil, fmt.Errorf("missing cells in column %s: expected a value in each row, or Column{Name: …, Missing: …} for how to read them", strings.Join(lacking, ", "))
	}
	var columns []*cells
	found := map[Type][]string{}
	for _, c := range t.columns {
		if c.Name == t.label {
			if err := t.labels(s, c); err != nil {
				return nil, fmt.Errorf("column %q: %w", c.Name, err)
			}
			continue
		}
		if err := c.settle(); err != nil {
			return nil, fmt.Errorf("column %q: %w", c.Name, err)
		}
		if c.notes != "" {
			s.notes = append(s.notes, fmt.Sprintf("%s: column %q: %s", s.name, c.Name, c.notes))
		}
		columns = append(columns, c)
		if c.found {
			found[c.Type] = append(found[c.Type], fmt.Sprintf("%q %s", c.Name, c.Domain))
		}
		s.layout.Domains = append(s.layout.Domains, c.Domain)
		s.layout.Columns = append(s.layout.Columns, input.Column{Name: c.Name, Unit: c.Unit, Categories: c.Categories})
		s.columns = append(s.columns, c.Column)
	}
	for _, of := range []Type{Integer, Number} { // one note, since tables have many columns
		const listed = 4
		all := found[of]
		if len(all) == 0 {
			continue
		}
		text := fmt.Sprintf("%s: columns read as %s, in the domain of the data: ", s.name, of)
		text += strings.Join(all[:min(listed, len(all))], ", ")
		if more := len(all) - listed; more > 0 {
			text += fmt.Sprintf(", %d more", more)
		}
		s.notes = append(s.notes, text)
	}
	s.values = make([]float32, 0, len(columns)*s.rows)
	for i := range s.rows {
		for _, c := range columns {
			s.values = append(s.values, c.numbers[i])
		}
	}
	return s, s.finish()
}

// settle finds type and domain, and makes cells of categories their numbers.
func (c *cells) settle() error {
	var told []string
	if c.Type == "" {
		c.Type = Number
		if c.whole {
			c.Type = Integer
		}
		told = append(told, fmt.Sprintf("read as %s", c.Type))
	}
	if c.Type == Category {
		return c.settleCategories()
	}
	if _, _, ok := number(c.Missing); !ok && c.Missing != "" {
		return fmt.Errorf("expected a number that stands for a missing one, found %q", c.Missing)
	}
	if c.Domain == (input.Domain{}) {
		c.Domain = input.Domain{Min: slices.Min(c.numbers), Max: slices.Max(c.numbers)}
		if c.Type == Integer {
			c.Domain.Step = 1
		}
		if c.Domain.Min == c.Domain.Max {
			return fmt.Errorf("all rows have the value %g; expected a Column with its Domain, or Without(%q)", c.Domain.Min, c.Name)
		}
		if math.IsInf(float64(c.Domain.Range()), 0) {
			return fmt.Errorf("values from %g to %g: expected a range that a float32 holds", c.Domain.Min, c.Domain.Max)
		}
		if c.found = len(told) > 0; c.found {
			told = nil // told with others of its type
		} else {
			told = append(told, fmt.Sprintf("domain %s, as in the data", c.Domain))
		}
	}
	if c.Missing != "" && c.missing > 0 {
		told = append(told, fmt.Sprintf("%d missing cells are read as %s", c.missing, c.Missing))
	}
	c.notes = strings.Join(told, ", ")
	return nil
}

func (c *cells) settleCategories() error {
	var told []string
	first := c.Domain.Min
	if len(c.Categories) == 0 {
		if c.Missing != "" && !slices.Contains(c.texts, c.Missing) {
			c.texts = append(c.texts, c.Missing)
		}
		if err := c.mostlyNumbers(); err != nil {
			return err
		}
		c.Categories = slices.Clone(c.texts)
		// Categories that are written as numbers in a row are those numbers; others are in the order of the alphabet.
		slices.SortFunc(c.Categories, func(a, b string) int {
			x, _, numeric := number(a)
			y, _, both := number(b)
			if numeric && both {
				return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
			}
			return cmp.Compare(a, b)
		})
		if low, ok := consecutive(c.Categories); ok && c.Domain == (input.Domain{}) {
			first = low
		}
		told = append(told, fmt.Sprintf("read as %s, %s, numbered from %g on", c.Type, list(c.Categories), first))
		if c.Missing != "" && c.missing > 0 {
			told = append(told, fmt.Sprintf("%d missing cells are read as %q", c.missing, c.Missing))
		}
	}
	if c.Missing != "" && !slices.Contains(c.Categories, c.Missing) {
		return fmt.Errorf("expected one of the categories %s for a missing one, found %q", list(c.Categories), c.Missing)
	}
	if len(c.Categories) < 2 {
		return fmt.Errorf("all rows have the category %s; expected a Column with all its Categories, or Without(%q)", list(c.Categories), c.Name)
	}
	domain := input.Domain{Min: first, Max: first + float32(len(c.Categories)-1), Step: 1}
	if c.Domain != (input.Domain{}) && c.Domain != domain {
		return fmt.Errorf("expected a domain of %d categories, %s, found %s", len(c.Categories), domain, c.Domain)
	}
	c.Domain = domain
	place := make([]float32, len(c.texts))
	for i, text := range c.texts {
		k := slices.Index(c.Categories, text)
		place[i] = first + float32(k)
		if k < 0 {
			place[i] = float32(math.NaN()) // an error of the rows that have it
		}
	}
	for i, v := range c.numbers {
		c.numbers[i] = place[int(v)]
	}
	c.notes = strings.Join(told, ", ")
	return nil
}

// mostlyNumbers is an error for a column that nobody called a category, of which but a few cells are no numbers.
func (c *cells) mostlyNumbers() error {
	if !c.auto {
		return nil
	}
	numbers, other := 0, ""
	for _, text := range c.texts {
		if _, _, ok := number(text); ok {
			numbers++
		} else {
			other = text
		}
	}
	if 2*numbers <= len(c.texts) {
		return nil
	}
	return fmt.Errorf("expected numbers or names, found %d numbers and %q; declare the column a category, or the text with MissingCells", numbers, other)
}

// consecutive reports whether texts are the whole numbers from the first on.
func consecutive(texts []string) (first float32, ok bool) {
	for i, text := range texts {
		v, whole, ok := number(text)
		if !ok || !whole || i > 0 && v != first+float32(i) {
			return 0, false
		}
		if i == 0 {
			first = v
		}
	}
	return first, len(texts) > 0
}

// labels makes labels of the cells of that column.
func (t *reading) labels(s *Seeds, c *cells) error {
	s.labels = make([]int, s.rows)
	numbered := true
	for _, text := range c.texts {
		v, whole, ok := number(text)
		numbered = numbered && ok && whole && v >= 0 && !slices.Contains(t.classes, text)
	}
	names := t.classes
	if !numbered && len(names) == 0 {
		names = slices.Sorted(slices.Values(c.texts))
		s.notes = append(s.notes, fmt.Sprintf("%s: column %q: the classes are %s, numbered from 0 on", s.name, c.Name, list(names)))
	}
	s.classes = names
	for i, v := range c.numbers {
		switch text := ""; {
		case v == missing:
			s.labels[i] = input.Unlabelled
		case numbered:
			n, _, _ := number(c.texts[int(v)])
			if s.labels[i] = int(n); len(names) > 0 && s.labels[i] >= len(names) {
				return fmt.Errorf("%s %d: expected one of the %d classes %s, or their numbers from 0 on, found %q", t.place, t.lines[i], len(names), list(names), c.texts[int(v)])
			}
		default:
			text = c.texts[int(v)]
			if s.labels[i] = slices.Index(names, text); s.labels[i] < 0 {
				return fmt.Errorf("%s %d: expected one of the classes %s, found %q", t.place, t.lines[i], list(names), text)
			}
		}
	}
	return nil
}

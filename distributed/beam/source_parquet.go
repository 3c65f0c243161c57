package beam

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
	"github.com/triggerfinder/triggerfinder/input"
)

// parquetFiles hold a column of bytes and one of classes, or a column of structures with a field "bytes", as data sets of Hugging Face have them. A row group, or some of
// it, is a part.
type parquetFiles struct{ of Files }

// openTable opens a Parquet file, with the columns that are read. The package panics on some damaged files: see [caught].
func (p parquetFiles) openTable(ctx context.Context, file string) (t table, err error) {
	f, err := openBlob(ctx, file)
	if err != nil {
		return table{}, err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
		}
	}()
	t.Closer = f
	if err := checkFooter(f); err != nil {
		return table{}, err
	}
	if t.file, err = parquet.OpenFile(f, f.size, parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true), parquet.ReadBufferSize(1<<18)); err != nil {
		return table{}, fmt.Errorf("expected a Parquet file: %w", err)
	}
	if t.image, t.label, err = p.columns(t.file.Schema()); err != nil {
		return table{}, err
	}
	return t, nil
}

// checkFooter checks the length of the footer, of which the package would take memory before it reads it.
func checkFooter(f blob) error {
	const magic = "PAR1"
	var end [8]byte
	if f.size < int64(len(magic)+len(end)) {
		return fmt.Errorf("expected a Parquet file, found %d bytes", f.size)
	}
	if _, err := f.ReadAt(end[:], f.size-int64(len(end))); err != nil {
		return err
	}
	if found := string(end[4:]); found != magic {
		return fmt.Errorf("expected a Parquet file, which ends with %q, found %q", magic, found)
	}
	if length, most := int64(binary.LittleEndian.Uint32(end[:])), f.size-int64(len(magic)+len(end)); length > most {
		return fmt.Errorf("expected a footer of at most %d bytes, found %d: the file is damaged", most, length)
	}
	return nil
}

// table is a Parquet file that is open.
type table struct {
	io.Closer
	file         *parquet.File
	image, label int // indices of columns; -1 for no label
}

func (p parquetFiles) columns(schema *parquet.Schema) (image, label int, err error) {
	key := cmp.Or(p.of.Key, "image")
	column, ok := schema.Lookup(strings.Split(key, ".")...)
	if !ok {
		column, ok = schema.Lookup(append(strings.Split(key, "."), "bytes")...)
	}
	switch {
	case !ok:
		return 0, 0, fmt.Errorf("expected a column %q, or %s.bytes, found %s", key, key, strings.Join(leaves(schema), ", "))
	case column.MaxRepetitionLevel > 0 || column.Node.Type().Kind() != parquet.ByteArray && column.Node.Type().Kind() != parquet.FixedLenByteArray:
		return 0, 0, fmt.Errorf("column %q: expected bytes, found %s", key, inWords(column))
	}
	image, label = column.ColumnIndex, -1
	key = cmp.Or(p.of.Label, "label")
	if column, ok = schema.Lookup(strings.Split(key, ".")...); !ok {
		if p.of.Label != "" {
			return 0, 0, fmt.Errorf("expected a column %q, found %s", key, strings.Join(leaves(schema), ", "))
		}
		return image, label, nil
	}
	if kind := column.Node.Type().Kind(); column.MaxRepetitionLevel > 0 || kind != parquet.Int32 && kind != parquet.Int64 && kind != parquet.Boolean {
		return 0, 0, fmt.Errorf("column %q: expected classes in whole numbers, found %s", key, inWords(column))
	}
	return image, column.ColumnIndex, nil
}

// inWords is the type of a column.
func inWords(column parquet.LeafColumn) string {
	text := column.Node.Type().String()
	if column.MaxRepetitionLevel > 0 {
		text = "lists of " + text
	}
	return text
}

func leaves(schema *parquet.Schema) (names []string) {
	for _, column := range schema.Columns() {
		names = append(names, strings.Join(column, "."))
	}
	return names
}

func (p parquetFiles) list(ctx context.Context, file string) (l Listing, err error) {
	defer caught(&err)
	t, err := p.openTable(ctx, file)
	if err != nil {
		return Listing{}, err
	}
	defer func() { _ = t.Close() }()
	first := 0
	for i, g := range t.file.RowGroups() {
		for _, column := range []int{t.image, max(t.label, 0)} {
			// A damaged page of this codec has the package take all memory there is (v0.32.0).
			if codec := t.file.Metadata().RowGroups[i].Columns[column].MetaData.Codec; codec == format.Lz4Raw {
				return Listing{}, fmt.Errorf("row group %d: expected no compression, or SNAPPY, GZIP, ZSTD or BROTLI, found %v", i, codec)
			}
		}
		rows := int(g.NumRows())
		bytesOfARow := t.file.Metadata().RowGroups[i].Columns[t.image].MetaData.TotalUncompressedSize / int64(max(1, rows))
		if rows < 0 || rows > mostRows-first || bytesOfARow < 0 {
			return Listing{}, fmt.Errorf("row group %d: expected at most %d rows in the file, found %d", i, mostRows, rows)
		}
		l.Parts = append(l.Parts, rowParts(file, first, rows, bytesOfARow)...)
		first += rows
	}
	l.ClassNames = p.classNames(t.file)
	return l, nil
}

// mostRows is how many a file may have: its footer may say anything.
const mostRows = 1 << 28

// classNames are those that the datasets library of Hugging Face leaves in the footer.
func (p parquetFiles) classNames(f *parquet.File) []string {
	text, _ := f.Lookup("huggingface")
	var saved struct {
		Info struct {
			Features map[string]json.RawMessage `json:"features"`
		} `json:"info"`
	}
	var label struct {
		Names []string `json:"names"`
		Type  string   `json:"_type"`
	}
	if json.Unmarshal([]byte(text), &saved) != nil || json.Unmarshal(saved.Info.Features[cmp.Or(p.of.Label, "label")], &label) != nil || label.Type != "ClassLabel" {
		return nil
	}
	return label.Names
}

func (p parquetFiles) open(ctx context.Context, part Part) (seeds input.Seeds, err error) {
	defer caught(&err)
	t, err := p.openTable(ctx, part.Path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = t.Close() }()
	found := make(records, part.Seeds)
	name := path.Base(part.Path)
	for i := range found {
		found[i] = record{name: fmt.Sprintf("%s[%d]", name, part.First+i), label: input.Unlabelled, of: p.of}
	}
	if err := t.eachValue(part, t.image, func(i int, v parquet.Value) {
		if v.IsNull() {
			found[i].err = errors.New("expected bytes, found none")
			return
		}
		found[i].content = slices.Clone(v.ByteArray())
	}); err != nil {
		return nil, err
	}
	if t.label < 0 {
		return found, nil
	}
	return found, t.eachValue(part, t.label, func(i int, v parquet.Value) {
		label := int64(input.Unlabelled)
		switch {
		case v.IsNull():
		case v.Kind() == parquet.Boolean:
			if label = 0; v.Boolean() {
				label = 1
			}
		case v.Kind() == parquet.Int32:
			label = int64(v.Int32())
		default:
			label = v.Int64()
		}
		if label < input.Unlabelled || label > 1<<31 {
			found[i].err = fmt.Errorf("label: expected a class, from 0 on, or %d for none, found %d", input.Unlabelled, label)
			return
		}
		found[i].label = int(label)
	})
}

// eachValue calls do with the values of a column in the rows of a part.
func (t table) eachValue(part Part, column int, do func(i int, v parquet.Value)) error {
	skip, at := int64(part.First), 0
	for _, g := range t.file.RowGroups() {
		if skip >= g.NumRows() {
			skip -= g.NumRows()
			continue
		}
		if err := valuesOf(g, column, skip, part.Seeds-at, func(v parquet.Value) {
			do(at, v)
			at++
		}); err != nil {
			return err
		}
		if skip = 0; at == part.Seeds {
			return nil
		}
	}
	return fmt.Errorf("expected %d rows from row %d on, as when it was listed, found %d", part.Seeds, part.First, at)
}

// valuesOf calls do with at most so many values of a column of a row group, from a row on.
func valuesOf(g parquet.RowGroup, column int, from int64, most int, do func(parquet.Value)) error {
	pages := g.ColumnChunks()[column].Pages()
	defer func() { _ = pages.Close() }()
	if err := pages.SeekToRow(from); err != nil {
		return err
	}
	var values [64]parquet.Value
	for most > 0 {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for reader := page.Values(); most > 0; {
			n, err := reader.ReadValues(values[:min(most, len(values))])
			for _, v := range values[:n] {
				do(v)
			}
			if most -= n; err == io.EOF {
				break
			}
			if err != nil || n == 0 {
				return cmp.Or(err, io.ErrNoProgress)
			}
		}
		parquet.Release(page)
	}
	return nil
}

// caught makes a panic on a damaged file an error.
func caught(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("expected a Parquet file, found a damaged one: %v", cause)
	}
}

package table

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
)

// Structs makes a seed of each struct of a slice, as [CSV] does of each row of a file: the exported fields are the columns, called as the fields or as the tag
// `column:"name"` says; `column:"-"` leaves one out. Whole numbers, floats, strings, bool (as categories "false" and "true") and what
// has a MarshalText are cells, and so are pointers to them, of which nil is a missing cell. Options are those of CSV; [Comma] has no meaning.
//
//	table.Structs(customers, table.Label("Churned"), table.Without("ID"))
func Structs[T any](rows []T, opts ...Option) (*Seeds, error) {
	kind := reflect.TypeFor[T]()
	t, err := newReading(kind.String(), "row", opts)
	if err != nil {
		return nil, err
	}
	seeds, err := t.structs(reflect.ValueOf(rows), kind)
	if err != nil {
		return nil, fmt.Errorf("table: %s: %w", t.name, err)
	}
	return seeds, nil
}

func (t *reading) structs(rows reflect.Value, kind reflect.Type) (*Seeds, error) {
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if kind.Kind() != reflect.Struct {
		return nil, fmt.Errorf("expected structs, found %s", kind)
	}
	var names []string
	var fields [][]int
	for _, f := range reflect.VisibleFields(kind) {
		name, tagged := f.Tag.Lookup("column")
		if !f.IsExported() || name == "-" || f.Anonymous && !tagged && cellOf(f.Type) == nil {
			continue
		}
		if cellOf(f.Type) == nil {
			return nil, fmt.Errorf("field %s: expected a number, a string, bool or a pointer to one, found %s; the tag `column:\"-\"` leaves it out", f.Name, f.Type)
		}
		if !tagged || name == "" {
			name = f.Name
		}
		names, fields = append(names, name), append(fields, f.Index)
	}
	if len(names) == 0 {
		return nil, errors.New("expected exported fields, found none")
	}
	i := -1
	return t.rows(names, func() (cells []string, at int, err error) {
		if i++; i >= rows.Len() {
			return nil, 0, nil
		}
		row := rows.Index(i)
		if row.Kind() == reflect.Pointer {
			if row.IsNil() {
				return nil, 0, fmt.Errorf("row %d is nil", i)
			}
			row = row.Elem()
		}
		cells = make([]string, len(fields))
		for k, index := range fields {
			field, err := row.FieldByIndexErr(index)
			if err != nil {
				continue // of an embedded pointer that is nil: a missing cell
			}
			if cells[k], err = cellOf(field.Type())(field); err != nil {
				return nil, 0, fmt.Errorf("row %d, field %s: %w", i, names[k], err)
			}
		}
		return cells, i, nil
	})
}

// cellOf is how values of a type are written as a cell; nil for a type that is none.
func cellOf(kind reflect.Type) func(reflect.Value) (string, error) {
	if kind.Implements(reflect.TypeFor[encoding.TextMarshaler]()) && kind.Kind() != reflect.Pointer {
		return func(v reflect.Value) (string, error) {
			text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
			return string(text), err
		}
	}
	switch kind.Kind() {
	case reflect.Pointer:
		of := cellOf(kind.Elem())
		if of == nil || kind.Elem().Kind() == reflect.Pointer {
			return nil
		}
		return func(v reflect.Value) (string, error) {
			if v.IsNil() {
				return "", nil
			}
			return of(v.Elem())
		}
	case reflect.Bool:
		return func(v reflect.Value) (string, error) { return strconv.FormatBool(v.Bool()), nil }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(v reflect.Value) (string, error) { return strconv.FormatInt(v.Int(), 10), nil }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return func(v reflect.Value) (string, error) { return strconv.FormatUint(v.Uint(), 10), nil }
	case reflect.Float32:
		return func(v reflect.Value) (string, error) { return float(v, 32), nil }
	case reflect.Float64:
		return func(v reflect.Value) (string, error) { return float(v, 64), nil }
	case reflect.String:
		return func(v reflect.Value) (string, error) { return v.String(), nil }
	}
	return nil
}

// float keeps whole floats apart from whole numbers; NaN is a missing cell.
func float(v reflect.Value, bits int) string { return strconv.FormatFloat(v.Float(), 'e', -1, bits) }

package dossier

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
)

// Values go from one process to another as JSON that loses nothing, other than encoding/json: fields by their Go names,
// also those with json:"-"; numbers that are none as words; a nil slice is another thing than an empty one. Scores and inputs,
// []float32, are the base64 of their bits.

var timeType = reflect.TypeFor[time.Time]()

// areFloats reports whether a type is []float32 or one like it, such as answer.Scores.
func areFloats(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Float32
}

func encodeFaithfully(v any) ([]byte, error) {
	tree, err := toTree(reflect.ValueOf(v))
	if err != nil {
		return nil, err
	}
	return json.Marshal(tree)
}

// decodeFaithfully reads what encodeFaithfully made of a value of the type that v points to.
func decodeFaithfully(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return err
	}
	return fromTree(tree, reflect.ValueOf(v).Elem())
}

func toTree(v reflect.Value) (any, error) {
	switch t := v.Type(); {
	case t == timeType:
		return v.Interface().(time.Time).Format(time.RFC3339Nano), nil
	case areFloats(t):
		if v.IsNil() {
			return nil, nil
		}
		var bits []byte
		for i := range v.Len() {
			bits = binary.LittleEndian.AppendUint32(bits, math.Float32bits(float32(v.Index(i).Float())))
		}
		return base64.StdEncoding.EncodeToString(bits), nil
	}
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.String:
		return []byte(v.String()), nil // any bytes, also such as are no letters
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return json.Number(strconv.FormatInt(v.Int(), 10)), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return json.Number(strconv.FormatUint(v.Uint(), 10)), nil
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64), nil
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		to, err := toTree(v.Elem())
		return []any{to}, err
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.IsNil() {
			return nil, nil
		}
		list := make([]any, v.Len())
		for i := range list {
			var err error
			if list[i], err = toTree(v.Index(i)); err != nil {
				return nil, err
			}
		}
		return list, nil
	case reflect.Map:
		if v.IsNil() {
			return nil, nil
		}
		list := []any{}
		for _, key := range v.MapKeys() {
			k, err := toTree(key)
			if err != nil {
				return nil, err
			}
			item, err := toTree(v.MapIndex(key))
			if err != nil {
				return nil, err
			}
			list = append(list, []any{k, item})
		}
		return list, nil
	case reflect.Struct:
		fields := map[string]any{}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() {
				return nil, fmt.Errorf("%s.%s: a field that is not exported cannot be handed over", v.Type(), field.Name)
			}
			var err error
			if fields[field.Name], err = toTree(v.Field(i)); err != nil {
				return nil, err
			}
		}
		return fields, nil
	}
	return nil, fmt.Errorf("%s cannot be handed over", v.Type())
}

func fromTree(tree any, v reflect.Value) error {
	wrong := fmt.Errorf("expected a %s, found %T", v.Type(), tree)
	switch t := v.Type(); {
	case t == timeType:
		text, _ := tree.(string)
		at, err := time.Parse(time.RFC3339Nano, text)
		v.Set(reflect.ValueOf(at))
		return err
	case areFloats(t):
		if tree == nil {
			return nil
		}
		text, ok := tree.(string)
		bits, err := base64.StdEncoding.DecodeString(text)
		if !ok || err != nil || len(bits)%4 != 0 {
			return wrong
		}
		floats := make([]float32, len(bits)/4)
		for i := range floats {
			floats[i] = math.Float32frombits(binary.LittleEndian.Uint32(bits[4*i:]))
		}
		v.Set(reflect.ValueOf(floats).Convert(t))
		return nil
	}
	switch v.Kind() {
	case reflect.Bool:
		b, ok := tree.(bool)
		if !ok {
			return wrong
		}
		v.SetBool(b)
		return nil
	case reflect.String:
		text, ok := tree.(string)
		data, err := base64.StdEncoding.DecodeString(text)
		if !ok || err != nil {
			return wrong
		}
		v.SetString(string(data))
		return nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, ok := tree.(json.Number)
		i, err := strconv.ParseInt(string(n), 10, 64)
		if !ok || err != nil || v.OverflowInt(i) {
			return wrong
		}
		v.SetInt(i)
		return nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, ok := tree.(json.Number)
		u, err := strconv.ParseUint(string(n), 10, 64)
		if !ok || err != nil || v.OverflowUint(u) {
			return wrong
		}
		v.SetUint(u)
		return nil
	case reflect.Float32, reflect.Float64:
		text, ok := tree.(string)
		f, err := strconv.ParseFloat(text, 64)
		if !ok || err != nil {
			return wrong
		}
		v.SetFloat(f)
		return nil
	}
	if tree == nil {
		return nil // the zero value is nil
	}
	if v.Kind() == reflect.Struct {
		fields, ok := tree.(map[string]any)
		if !ok {
			return wrong
		}
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if err := fromTree(fields[name], v.Field(i)); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}
	list, ok := tree.([]any)
	if !ok {
		return wrong
	}
	switch v.Kind() {
	case reflect.Pointer:
		if len(list) != 1 {
			return wrong
		}
		v.Set(reflect.New(v.Type().Elem()))
		return fromTree(list[0], v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
	case reflect.Array:
		if len(list) != v.Len() {
			return wrong
		}
	case reflect.Map:
		v.Set(reflect.MakeMapWithSize(v.Type(), len(list)))
		for _, item := range list {
			pair, ok := item.([]any)
			if !ok || len(pair) != 2 {
				return wrong
			}
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			if err := fromTree(pair[0], key); err != nil {
				return err
			}
			if err := fromTree(pair[1], value); err != nil {
				return err
			}
			v.SetMapIndex(key, value)
		}
		return nil
	default:
		return wrong
	}
	for i, item := range list {
		if err := fromTree(item, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

package dossier

import (
	"fmt"
	"math"
	"reflect"
	"strings"
)

// notFinite finds a number that JSON has no word for, and says where it is; "" when there is none.
func notFinite(v any) string { return findNotFinite(reflect.ValueOf(v), "") }

func findNotFinite(v reflect.Value, path string) string {
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Sprintf("%s is %v: expected a finite number", strings.TrimPrefix(path, "."), f)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return findNotFinite(v.Elem(), path)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !field.IsExported() || name == "-" {
				continue
			}
			at := path
			if !field.Anonymous {
				at += "." + name
			}
			if found := findNotFinite(v.Field(i), at); found != "" {
				return found
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if found := findNotFinite(v.Index(i), fmt.Sprintf("%s[%d]", path, i)); found != "" {
				return found
			}
		}
	}
	return ""
}

// keepFinite leaves out what is not finite, with a check each that says so: a document without it would
// say less than it seems to.
func keepFinite[T any](items []T, name func(T) string, checks *[]Check) []T {
	var kept []T
	for _, item := range items {
		found := notFinite(item)
		if found == "" {
			kept = append(kept, item)
			continue
		}
		*checks = append(*checks, Check{
			Name: "evidence of " + name(item), Sentence: "The numbers of " + name(item) + " can be written down.",
			Verdict: Error, Message: found,
		})
	}
	return kept
}

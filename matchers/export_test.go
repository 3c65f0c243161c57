package matchers

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Searched is the paragraph of a message that says what was done.
var Searched = searched

// Restarted makes all triggers that are saved until now ones of earlier runs, as for a new process.
func Restarted() {
	thisRun.Lock()
	defer thisRun.Unlock()
	thisRun.began, thisRun.saved = time.Now(), map[string]bool{}
}

// Resolved is what the options of a matcher came to: its fields but for what Match found, and the settings that it makes
// of them.
func Resolved(matcher any) string {
	var b strings.Builder
	dump(&b, reflect.ValueOf(matcher).Elem(), "")
	var settings any
	var err error
	switch m := matcher.(type) {
	case *HaveDeviationMatcher:
		settings, err = m.resolve()
	case *HaveDeviationRateMatcher:
		settings, err = m.resolve()
	case *DeviateNoMoreThanMatcher:
		settings, err = m.settings(nil)
	}
	if settings != nil {
		dump(&b, reflect.ValueOf(settings), "settings")
	}
	fmt.Fprintln(&b, "error:", err)
	return b.String()
}

// dump writes the fields of a value, functions as whether they are there.
func dump(b *strings.Builder, v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			switch name := v.Type().Field(i).Name; name {
			case "found", "misuse", "given", "of": // sets, of which the error tells; and the matcher itself
			default:
				dump(b, v.Field(i), path+"."+name)
			}
		}
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			fmt.Fprintln(b, path, "nil")
			return
		}
		if v.Kind() == reflect.Interface {
			path += "(" + v.Elem().Type().String() + ")"
		}
		dump(b, v.Elem(), path)
	case reflect.Func:
		fmt.Fprintln(b, path, !v.IsNil())
	case reflect.Slice, reflect.Array:
		fmt.Fprintln(b, path, v.Len())
		for i := range min(v.Len(), 50) {
			dump(b, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.Map:
		var entries []string
		for _, key := range v.MapKeys() {
			var entry strings.Builder
			dump(&entry, v.MapIndex(key), fmt.Sprintf("%s[%v]", path, key))
			entries = append(entries, entry.String())
		}
		slices.Sort(entries)
		fmt.Fprint(b, strings.Join(entries, ""))
	case reflect.Chan, reflect.UnsafePointer:
	default:
		fmt.Fprintln(b, path, v)
	}
}

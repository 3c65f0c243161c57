package dossier_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/report/dossier"
)

// constantsOf are the values of the exported constants of a string type, from its package's source.
func constantsOf(t *testing.T, typ reflect.Type) (values []string) {
	t.Helper()
	dir := "../../" + strings.TrimPrefix(typ.PkgPath(), "github.com/triggerfinder/triggerfinder/")
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no source, %v", dir, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(source, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 || !spec.Names[0].IsExported() {
				return true
			}
			of, isName := spec.Type.(*ast.Ident)
			value, isText := spec.Values[0].(*ast.BasicLit)
			if isName && isText && of.Name == typ.Name() && value.Kind == token.STRING {
				text, err := strconv.Unquote(value.Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, text)
			}
			return true
		})
	}
	slices.Sort(values)
	return values
}

// walk holds a Go type against the part of the schema that is about it: every field is listed with its kind, and every type
// with constants as an enumeration of exactly these.
type walk struct {
	t     *testing.T
	root  map[string]any
	enums int
}

func (w *walk) resolve(node map[string]any) map[string]any {
	for {
		ref, ok := node["$ref"].(string)
		if !ok {
			return node
		}
		to, ok := w.root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		if !ok {
			w.t.Fatalf("%s leads nowhere", ref)
		}
		node = to
	}
}

func (w *walk) value(typ reflect.Type, node map[string]any, path string) {
	node = w.resolve(node)
	if node == nil {
		w.t.Errorf("%s: not in the schema", path)
		return
	}
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	kind := ""
	switch typ.Kind() {
	case reflect.Struct:
		if typ == reflect.TypeFor[time.Time]() {
			kind = "string"
			break
		}
		kind = "object"
		if typ == reflect.TypeFor[answer.Answer]() {
			break // says itself how it is written
		}
		w.fields(typ, node, path)
	case reflect.Map:
		kind = "object"
	case reflect.Slice, reflect.Array:
		if typ == reflect.TypeFor[json.RawMessage]() {
			return
		}
		kind = "array"
		if typ == reflect.TypeFor[answer.Scores]() {
			break // says itself how it is written
		}
		items, _ := node["items"].(map[string]any)
		w.value(typ.Elem(), items, path+"[]")
	case reflect.Bool:
		kind = "boolean"
	case reflect.Float32, reflect.Float64:
		kind = "number"
	case reflect.String:
		kind = "string"
		if typ.PkgPath() == "" {
			break
		}
		constants := constantsOf(w.t, typ)
		if len(constants) == 0 {
			break // a name for any text
		}
		w.enums++
		if typ == reflect.TypeFor[dossier.Verdict]() && path == ".verdict" {
			constants = append(constants, string(dossier.Partial)) // of a release alone
		}
		var listed []string
		for _, v := range asList(node["enum"]) {
			if s, ok := v.(string); ok {
				listed = append(listed, s)
			}
		}
		constants = slices.DeleteFunc(constants, func(s string) bool {
			return s == "" || s == string(answer.Unusable) && !strings.HasSuffix(path, ".steps[].kind") // the first is left out, the second is no trigger's
		})
		slices.Sort(listed)
		slices.Sort(constants)
		if !slices.Equal(listed, constants) {
			w.t.Errorf("%s: the schema lists %q, and the constants of %s are %q", path, listed, typ, constants)
		}
		return
	case reflect.Interface:
		return
	default:
		kind = "integer"
	}
	if _, fixed := node["const"]; fixed || node["enum"] != nil {
		return
	}
	if types := asList(node["type"]); !slices.Contains(types, any(kind)) {
		w.t.Errorf("%s: the schema says %v, the Go type %s is a %s", path, node["type"], typ, kind)
	}
}

func asList(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

func (w *walk) fields(typ reflect.Type, node map[string]any, path string) {
	properties, _ := node["properties"].(map[string]any)
	listed := map[string]bool{}
	var add func(reflect.Type)
	add = func(typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case name == "-" || !f.IsExported():
				continue
			case f.Anonymous && name == "":
				add(f.Type)
				continue
			case name == "":
				name = f.Name
			}
			listed[name] = true
			property, ok := properties[name].(map[string]any)
			if !ok {
				w.t.Errorf("%s.%s: not in the schema", path, name)
				continue
			}
			w.value(f.Type, property, path+"."+name)
			if slices.Contains(asList(node["required"]), any(name)) && strings.Contains(options, "omit") {
				w.t.Errorf("%s.%s: the schema requires what may be left out", path, name)
			}
		}
	}
	add(typ)
	for name := range properties {
		if !listed[name] {
			w.t.Errorf("%s.%s: in the schema, and no field is", path, name)
		}
	}
}

// TestSchemaListsWhatIsWritten holds the schema against the Go types of which documents are made, and its enumerations
// against their constants.
func TestSchemaListsWhatIsWritten(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(dossier.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	w := &walk{t: t, root: root}
	w.value(reflect.TypeFor[dossier.Document](), root, "")
	if w.enums < 8 {
		t.Errorf("%d enumerations; expected more", w.enums)
	}
}

package dossier_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/report/dossier"
)

// violations checks a value against a JSON schema: the keywords that report.schema.json uses, and no others.
func violations(root, schema map[string]any, value any, path string) []string {
	var found []string
	wrong := func(format string, a ...any) { found = append(found, path+": "+fmt.Sprintf(format, a...)) }
	for keyword, v := range schema {
		switch keyword {
		case "$schema", "$id", "title", "description", "format", "$defs", "additionalProperties", "required":
		case "$ref":
			name := strings.TrimPrefix(v.(string), "#/$defs/")
			to, ok := root["$defs"].(map[string]any)[name].(map[string]any)
			if !ok {
				wrong("schema: %v leads nowhere", v)
				continue
			}
			found = append(found, violations(root, to, value, path)...)
		case "const":
			if v != value {
				wrong("expected %v, found %v", v, value)
			}
		case "enum":
			if !slices.Contains(v.([]any), value) {
				wrong("expected one of %v, found %v", v, value)
			}
		case "type":
			types, ok := v.([]any)
			if !ok {
				types = []any{v}
			}
			if !slices.ContainsFunc(types, func(t any) bool { return isOfType(value, t.(string)) }) {
				wrong("expected %v, found %v", v, value)
			}
		case "minimum":
			if n, ok := value.(float64); ok && n < v.(float64) {
				wrong("expected at least %v, found %v", v, n)
			}
		case "maximum":
			if n, ok := value.(float64); ok && n > v.(float64) {
				wrong("expected at most %v, found %v", v, n)
			}
		case "minLength":
			if s, ok := value.(string); ok && float64(len(s)) < v.(float64) {
				wrong("expected at least %v letters", v)
			}
		case "maxItems":
			if a, ok := value.([]any); ok && float64(len(a)) > v.(float64) {
				wrong("expected at most %v items", v)
			}
		case "items":
			if a, ok := value.([]any); ok {
				for i, item := range a {
					found = append(found, violations(root, v.(map[string]any), item, fmt.Sprintf("%s[%d]", path, i))...)
				}
			}
		case "properties":
		default:
			wrong("schema: the keyword %s is not checked by this test", keyword)
		}
	}
	object, ok := value.(map[string]any)
	if !ok {
		return found
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, item := range object {
		at := path + "." + name
		if p, ok := properties[name].(map[string]any); ok {
			found = append(found, violations(root, p, item, at)...)
			continue
		}
		switch others := schema["additionalProperties"].(type) {
		case bool:
			if !others {
				found = append(found, at+": not in the schema")
			}
		case map[string]any:
			found = append(found, violations(root, others, item, at)...)
		}
	}
	if required, ok := schema["required"].([]any); ok {
		for _, name := range required {
			if _, ok := object[name.(string)]; !ok {
				wrong("%s is missing", name)
			}
		}
	}
	return found
}

func isOfType(value any, name string) bool {
	switch v := value.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case float64:
		return name == "number" || name == "integer" && v == math.Trunc(v)
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	}
	return false
}

func TestDocumentsFollowTheSchema(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(dossier.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	full := write(t, fullDossier(fullOptions, 30))
	if full[dossier.SchemaFile] != string(dossier.Schema()) {
		t.Error("another schema lies beside the document")
	}
	parse := func(text string) (value any) {
		t.Helper()
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		return value
	}
	document := full[dossier.DocumentFile]
	for _, text := range []string{document, write(t, dossier.New("", dossier.Options{}))[dossier.DocumentFile]} {
		for _, v := range violations(schema, schema, parse(text), "") {
			t.Error(v)
		}
	}
	// Every section must be in the document, or the schema was tested on nothing.
	for name := range schema["properties"].(map[string]any) {
		if !strings.Contains(document, "\n  \""+name+"\":") {
			t.Errorf("the full document has no %s", name)
		}
	}
	for _, change := range []struct{ old, new string }{
		{`"verdict": "undecided"`, `"verdict": "green"`},
		{`"triggers_found": 20`, `"triggers_found": -1`},
		{`"triggers_found": 20`, `"triggers_found": 2.5`},
		{`"drawn": 1500`, `"drawn": "many"`},
		{`"upper": 0.0129`, `"upper": 1.0129`},
		{`"release":`, `"relase":`},
		{`"sentence":`, `"words":`},
		{`"decision": "below"`, `"decision": "maybe"`},
		{`"cause": "runtime setting"`, `"cause": "bad luck"`},
	} {
		changed := document
		if !strings.Contains(document, change.old) {
			t.Errorf("%q is not in the document", change.old)
			continue
		}
		changed = strings.ReplaceAll(changed, change.old, change.new)
		if len(violations(schema, schema, parse(changed), "")) == 0 {
			t.Errorf("%s for %s: the schema does not mind", change.new, change.old)
		}
	}
}

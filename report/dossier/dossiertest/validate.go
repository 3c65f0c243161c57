// Package dossiertest is for tests: it holds the documents that they write against the JSON schema of report.json.
package dossiertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/triggerfinder/triggerfinder/report/dossier"
)

// compiled are the schemas of documents, by their "format": that of a release, and the part of it that is about a search.
var compiled = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	const at = "urn:triggerfinder:release"
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(dossier.Schema()))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(at, doc); err != nil {
		return nil, err
	}
	schemas := map[string]*jsonschema.Schema{}
	for format, part := range map[string]string{dossier.Format: "", "triggerfinder-search": "#/$defs/search"} {
		if schemas[format], err = c.Compile(at + part); err != nil {
			return nil, err
		}
	}
	return schemas, nil
})

// Validate checks the JSON of a release or of a search. What is of another format, or no JSON, is known false.
func Validate(data []byte) (known bool, err error) {
	schemas, err := compiled()
	if err != nil {
		return false, err
	}
	var head struct {
		Format string `json:"format"`
	}
	if json.Unmarshal(data, &head) != nil || schemas[head.Format] == nil {
		return false, nil
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return true, err
	}
	return true, schemas[head.Format].Validate(value)
}

// Check fails the test unless the JSON is a release or a search, and as the schema says.
func Check(t testing.TB, data []byte) {
	t.Helper()
	if known, err := Validate(data); err != nil || !known {
		t.Errorf("not as the schema says (known format: %t): %v\n%.200s", known, err, data)
	}
}

// CheckFolder checks every document of a release or of a search in a folder and those below, and returns how many there were.
func CheckFolder(t testing.TB, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		known, err := Validate(data)
		if known {
			n++
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return n
}

package dossier

import (
	_ "embed"
	"slices"
)

//go:embed report.schema.json
var schema []byte

// Schema is the JSON schema of report.json, of draft 2020-12.
func Schema() []byte { return slices.Clone(schema) }

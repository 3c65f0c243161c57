package dossier_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report/dossier"
	"github.com/triggerfinder/triggerfinder/report/dossier/dossiertest"
)

func TestDocumentsFollowTheSchema(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(dossier.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	full := write(t, fullDossier(fullOptions, 30))
	if full[dossier.SchemaFile] != string(dossier.Schema()) {
		t.Error("another schema lies beside the document")
	}
	document := full[dossier.DocumentFile]
	for _, text := range []string{document, write(t, dossier.New("", dossier.Options{}))[dossier.DocumentFile]} {
		dossiertest.Check(t, []byte(text))
	}
	if known, _ := dossiertest.Validate([]byte(`{"format": "triggerfinder-waivers"}`)); known {
		t.Error("another format is known")
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
		{`"status": "triggered"`, `"status": "trigered"`},
		{`"stop": "decided"`, `"stop": "late"`},
		{`"run": {`, `"ran": {`},
		{`"not_run": 0`, `"not_ran": 0`},
		{`"version": 2,`, `"version": 3,`},
	} {
		changed := document
		if !strings.Contains(document, change.old) {
			t.Errorf("%q is not in the document", change.old)
			continue
		}
		changed = strings.ReplaceAll(changed, change.old, change.new)
		if known, err := dossiertest.Validate([]byte(changed)); err == nil || !known {
			t.Errorf("%s for %s: the schema does not mind", change.new, change.old)
		}
	}
}

// A part of a search has seeds that belong to others, and a cancelled one has seeds that were not searched.
func TestStatusesOfSearchesFollowTheSchema(t *testing.T) {
	for _, status := range []engine.Status{engine.AllSearched, engine.EnoughTriggers, engine.QueryLimit, engine.TimeLimit, engine.Cancelled, engine.Failed} {
		r := sampleReport(6)
		r.Status, r.Shard = status, engine.Shard{Index: 1, Total: 2}
		for i, s := range []engine.SeedStatus{engine.OtherShard, engine.GaveUp, engine.Interrupted, engine.NotSearched, engine.SeedExhausted} {
			r.Seeds[i].Status, r.Seeds[i].Trigger, r.Seeds[i].FirstHit = s, nil, nil
		}
		d := dossier.New("r", dossier.Options{})
		d.Search(r)
		write(t, d)
	}
}

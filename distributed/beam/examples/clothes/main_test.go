package main

import (
	"os"
	"strings"
	"testing"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
)

func TestTheGuideShowsThisProgram(t *testing.T) {
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile("../../../../docs/distributed.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(program), ")\n\n") // behind the imports
	if !strings.Contains(string(guide), "```go\n"+shown+"```") {
		t.Error("docs/distributed.md shows another program")
	}
}

func TestItRuns(t *testing.T) {
	sdk.Init()
	folder := t.TempDir()
	r, err := beam.Run(t.Context(), beam.Job{Plan: "clothes", Folder: folder})
	if err != nil || len(r.Triggers()) == 0 {
		t.Fatalf("report %v, error %v; expected triggers", r, err)
	}
}

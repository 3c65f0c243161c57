package litert

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ofONNXRuntime are options of package onnx that are about ONNX Runtime alone.
var ofONNXRuntime = []string{"ExactProducts", "ExecutionProvider", "Gradients", "GraphOptimization", "NoFallback", "RuntimeVersion"}

// TestOptionsAreThoseOfONNX: what package onnx has an option for is there for LiteRT too, unless it is about ONNX Runtime.
func TestOptionsAreThoseOfONNX(t *testing.T) {
	there, here := optionsIn(t, "../onnx"), optionsIn(t, ".")
	if len(there) < 25 || len(here) < 25 {
		t.Fatalf("found %d options there and %d here", len(there), len(here))
	}
	for _, name := range there {
		if !slices.Contains(here, name) && !slices.Contains(ofONNXRuntime, name) {
			t.Errorf("litert has no option %s", name)
		}
	}
}

// optionsIn lists the functions of a package that return an Option.
func optionsIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil || len(f.Type.Results.List) != 1 {
				continue
			}
			if result, ok := f.Type.Results.List[0].Type.(*ast.Ident); ok && result.Name == "Option" {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

package triggerfinder_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// given are the names that Go code in Markdown files uses without declaring them. A page adds others in a comment above the code, which
// readers do not see, <!-- given: var a, b func(input.Input) ([]float64, error) -->, or says <!-- continued --> where the code goes on
// with that of the block before.
var given = map[string]string{
	"t":        "*testing.T",
	"g":        "*gomega.WithT",
	"ctx":      "context.Context",
	"pair":     "*model.Pair",
	"original": "model.Predictor",
	"seeds":    "input.Seeds",
	"testSet":  "input.Seeds",
	"seed":     "input.Seed",
	"dir":      "string",
	"zoo":      "string",
}

var (
	dotted   = []string{module + "/matchers", "github.com/onsi/gomega", "github.com/onsi/ginkgo/v2"} // whose names that code uses unqualified
	standard = []string{"bytes", "context", "encoding/json", "errors", "flag", "fmt", "io", "log", "math", "os", "path/filepath", "strings", "testing", "time"}
)

// TestGoInMarkdownFilesCompiles type-checks every block of Go in the Markdown files. A block may be a file, declarations, statements, or
// declarations and statements mixed, as an example shows them. Imports are found by the names of packages, "…" may stand for code that is
// left out, variables need not be used, and may be declared again further down, as in a list of alternatives.
func TestGoInMarkdownFilesCompiles(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command, which is not on the PATH")
	}
	checker := newSnippetChecker(t)
	t.Run("what is wrong is found", checker.testOnWrong)
	snippets := goInMarkdown(t)
	if len(snippets) < 30 {
		t.Fatalf("%d blocks of Go in Markdown files: expected more", len(snippets))
	}
	for _, s := range snippets {
		for _, problem := range checker.check(s) {
			t.Error(problem)
		}
	}
}

// snippet is a block of Go in a Markdown file.
type snippet struct {
	file  string
	line  int // of the file, where the code begins
	code  string
	given []string // declarations in the comment above it
}

var (
	goBlock     = regexp.MustCompile("(?ms)((?:^<!-- [^\n]* -->\n)*)^```go\n(.*?)^```$")
	inCodeBlock = regexp.MustCompile("(?m)^[ \\t]*[`~]{3,}[ \\t]*(go|golang)\\b")
	inGiven     = regexp.MustCompile(`(?m)^<!-- given: (.*) -->$`)
)

// goInMarkdown are the blocks of Go in the Markdown files of this repository.
func goInMarkdown(t *testing.T) []snippet {
	t.Helper()
	var found []snippet
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && file != "." || entry.Name() == "testdata"):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(file) != ".md":
			return nil
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		page := strings.ReplaceAll(string(data), "\r\n", "\n")
		blocks := goBlock.FindAllStringSubmatchIndex(page, -1)
		if n := len(inCodeBlock.FindAllString(page, -1)); n != len(blocks) {
			t.Errorf("%s: expected blocks of Go that begin and end at the margin, found %d of %d", file, len(blocks), n)
		}
		for _, at := range blocks {
			s := snippet{file: filepath.ToSlash(file), line: 1 + strings.Count(page[:at[4]], "\n"), code: page[at[4]:at[5]]}
			for _, m := range inGiven.FindAllStringSubmatch(page[at[2]:at[3]], -1) {
				s.given = append(s.given, m[1])
			}
			if strings.Contains(page[at[2]:at[3]], "<!-- continued -->\n") && len(found) > 0 && found[len(found)-1].file == s.file {
				before := found[len(found)-1]
				found = found[:len(found)-1]
				between := s.line - before.line - strings.Count(before.code, "\n")
				s = snippet{s.file, before.line, before.code + strings.Repeat("\n", between) + s.code, append(before.given, s.given...)}
			}
			found = append(found, s)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// snippetChecker type-checks snippets against the packages of this module, as they are compiled, and of nested modules, as they are written.
type snippetChecker struct {
	fset     *token.FileSet
	compiled types.Importer
	paths    map[string]string         // of packages, by name
	nested   map[string]*types.Package // by path
}

// newSnippetChecker lists the packages that snippets may use, for which it compiles those that are not in the build cache.
func newSnippetChecker(t *testing.T) *snippetChecker {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Name,Export,Module"},
		slices.Concat(dotted, standard, []string{"./..."})...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, said.String())
	}
	c := &snippetChecker{fset: token.NewFileSet(), paths: map[string]string{}, nested: map[string]*types.Package{}}
	exports := map[string]string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Name, Export string
			Module                   *struct{ Main bool }
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		ours := p.Module != nil && p.Module.Main && !regexp.MustCompile("/(internal|examples)/").MatchString(p.ImportPath)
		if ours || slices.Contains(standard, p.ImportPath) || p.ImportPath == "github.com/onsi/gomega" {
			c.paths[p.Name] = p.ImportPath
		}
	}
	c.compiled = importer.ForCompiler(c.fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("package %s is not among those that snippets may use", path)
		}
		return os.Open(exports[path])
	})
	for _, dir := range []string{"runtimes/oip", "distributed/beam"} {
		c.addNested(t, dir)
	}
	return c
}

// addNested reads a package of a nested module, which needs libraries that this one has not: those stay unknown, and no snippet uses them.
func (c *snippetChecker) addNested(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, error %v", dir, len(files), err)
	}
	var parsed []*ast.File
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(c.fset, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	config := types.Config{Importer: c, IgnoreFuncBodies: true, Error: func(error) {}}
	checked, _ := config.Check(module+"/"+dir, c.fset, parsed, nil)
	c.nested[checked.Path()], c.paths[checked.Name()] = checked, checked.Path()
}

// Import finds a package, as types.Importer asks for it.
func (c *snippetChecker) Import(path string) (*types.Package, error) {
	if p := c.nested[path]; p != nil {
		return p, nil
	}
	return c.compiled.Import(path)
}

// check returns what is wrong with a snippet, with its place in the Markdown file.
func (c *snippetChecker) check(s snippet) []string {
	code := regexp.MustCompile(`(?m)^\s*…$|\{ … \}|\{…\}`).ReplaceAllStringFunc(s.code, func(left string) string {
		return strings.Replace(left, "…", `panic("")`, 1)
	})
	files, err := c.parse(s, code)
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	config := types.Config{Importer: c, Error: func(err error) {
		if e, ok := err.(types.Error); !ok || !e.Soft { // soft ones: what is declared or imported and not used
			problems = append(problems, err.Error())
		}
	}}
	config.Check("snippet", c.fset, files, nil)
	return problems
}

// parse makes files of a snippet: its own, and one with what the text around it declares.
func (c *snippetChecker) parse(s snippet, code string) ([]*ast.File, error) {
	at := fmt.Sprintf("\n//line %s:%d\n", s.file, s.line)
	if strings.HasPrefix(code, "package ") {
		f, err := parser.ParseFile(c.fset, "snippet.go", at[1:]+code, 0)
		return []*ast.File{f}, err
	}
	declarations, statements := splitSnippet(code) // in which each line has its number still
	top, err := c.withImports("package snippet;", at+declarations)
	if err != nil {
		return nil, err
	}
	body, err := c.withImports("package snippet;", "func _() {"+at+statements+"\n}")
	if err != nil {
		return nil, err
	}
	function := body.Decls[len(body.Decls)-1].(*ast.FuncDecl).Body
	function.List = nestAgain(function.List)
	around, err := c.around(s, top, body)
	if err != nil {
		return nil, fmt.Errorf("%s:%d: what is given above the code: %w", s.file, s.line, err)
	}
	return []*ast.File{top, body, around}, nil
}

// withImports parses a file, with imports of the packages that it uses and does not import itself.
func (c *snippetChecker) withImports(head, code string) (*ast.File, error) {
	f, err := parser.ParseFile(token.NewFileSet(), "snippet.go", head+code, 0)
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for _, spec := range f.Imports {
		taken[path.Base(strings.Trim(spec.Path.Value, `"`))] = true
	}
	for _, path := range dotted {
		head += fmt.Sprintf("import . %q;", path)
	}
	for _, name := range f.Unresolved {
		if path := c.paths[name.Name]; path != "" && !taken[name.Name] && given[name.Name] == "" {
			head += fmt.Sprintf("import %q;", path)
			taken[name.Name] = true
		}
	}
	return parser.ParseFile(c.fset, "snippet.go", head+code, 0)
}

// around declares the given names that a snippet uses and does not declare at its top.
func (c *snippetChecker) around(s snippet, files ...*ast.File) (*ast.File, error) {
	code := strings.Join(s.given, "\n") + "\n"
	missing := map[string]bool{}
	for _, f := range files {
		for _, name := range f.Unresolved {
			missing[name.Name] = given[name.Name] != "" && !regexp.MustCompile(`(?m)^(var|func|const) `+name.Name+`\b`).MatchString(code)
		}
	}
	for _, f := range files { // what one of them declares for the other
		for name := range f.Scope.Objects {
			missing[name] = false
		}
	}
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		if missing[name] {
			code += fmt.Sprintf("var %s %s\n", name, given[name])
		}
	}
	return c.withImports("package snippet;", code)
}

// splitSnippet parts a snippet into declarations and statements, both with as many lines as the snippet has.
func splitSnippet(code string) (declarations, statements string) {
	top := regexp.MustCompile(`^(func (\(|\w)|import |type |var \(\n)`)
	var end string // of the declaration that the line is in
	for line := range strings.Lines(code) {
		inside := end != ""
		if !inside && top.MatchString(line) {
			inside = true
			switch trimmed := strings.TrimSpace(line); {
			case strings.HasSuffix(trimmed, "{"):
				end = "}"
			case strings.HasSuffix(trimmed, "("):
				end = ")"
			}
		} else if inside && strings.TrimRight(line, "\n") == end {
			end = ""
		}
		if inside {
			declarations += line
			statements += "\n"
		} else {
			declarations += "\n"
			statements += line
		}
	}
	return declarations, statements
}

// nestAgain puts the rest of a list of statements into a block of its own where it declares nothing new, and uses values that stand alone.
func nestAgain(list []ast.Stmt) []ast.Stmt {
	declared := map[string]bool{}
	for i, stmt := range list {
		if e, ok := stmt.(*ast.ExprStmt); ok {
			if _, call := e.X.(*ast.CallExpr); !call {
				list[i] = &ast.AssignStmt{Lhs: []ast.Expr{ast.NewIdent("_")}, Tok: token.ASSIGN, TokPos: e.Pos(), Rhs: []ast.Expr{e.X}}
			}
			continue
		}
		assign, ok := stmt.(*ast.AssignStmt)
		if !ok || assign.Tok != token.DEFINE {
			continue
		}
		again := true
		for _, left := range assign.Lhs {
			again = again && declared[left.(*ast.Ident).Name]
		}
		if again {
			rest := nestAgain(list[i:])
			return append(slices.Clip(list[:i]), &ast.BlockStmt{Lbrace: assign.Pos(), List: rest, Rbrace: assign.Pos()})
		}
		for _, left := range assign.Lhs {
			declared[left.(*ast.Ident).Name] = true
		}
	}
	return list
}

// testOnWrong holds the checker against code that must not pass, and code that must.
func (c *snippetChecker) testOnWrong(t *testing.T) {
	for _, test := range []struct{ code, problem string }{
		{"pair, err := onnx.OpenPair(\"a.onnx\", \"b.onnx\")\npair, err := onnx.OpenPair(\"c.onnx\", \"d.onnx\")", ""},
		{"func mask(in input.Input) onnx.Tensor {\n\t…\n}\nonnx.Made(\"mask\", mask)", ""},
		{"strategies.TriggerFinderSearch{Mutators: nil}", ""},
		{"import \"os\"\n\nfunc TestMain(m *testing.M) { os.Exit(m.Run()) }", ""},
		{"pair, err := onnx.OpenPairs(\"a.onnx\", \"b.onnx\")", "page.md:7: undefined: onnx.OpenPairs"},
		{"pair, err := onnx.OpenPair(\"a.onnx\")", "page.md:7: not enough arguments"},
		{"\nExpect(pair).NotTo(HaveDeviationFrom(seeds).Inside(8))", "page.md:8: "},
		{"func mask() int {\n\treturn \"\"\n}\nmask()", "page.md:8: cannot use"},
		{"shipped, err := oip.Open(8081)", "page.md:7: not enough arguments"},
		{"Expect(pair).To(", "page.md:"},
		{"package main\n\nfunc main() { undefined() }", "page.md:9: undefined: undefined"},
	} {
		problems := c.check(snippet{file: "page.md", line: 7, code: test.code})
		switch {
		case test.problem == "" && len(problems) > 0:
			t.Errorf("%q: expected no problem, found %v", test.code, problems)
		case test.problem != "" && (len(problems) == 0 || !strings.Contains(problems[0], test.problem)):
			t.Errorf("%q: expected the problem %q, found %q", test.code, test.problem, problems)
		}
	}
}

package triggerfinder_test

import (
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// source is what this test knows of a package.
type source struct {
	files    map[string]*ast.File
	imported map[string]string // paths of packages by the names under which its files know them
	names    map[string]bool   // those of methods and fields as "Type.Name", and "Type." for one that embeds others
}

// has reports whether the package has an exported name.
func (s *source) has(name string) bool {
	of, _, _ := strings.Cut(name, ".")
	return s != nil && (s.names[name] || s.names[of+"."] && name != of)
}

// link is a link to an exported name in a comment: one in brackets, with or without that of a package.
var link = regexp.MustCompile(`\[\*?(?:([a-z]\w*)\.)?([A-Z]\w+(?:\.[A-Z]\w*)?)\]`)

// TestCommentsOfExportedNames checks that what is exported has a comment that begins with its name, and that links in comments
// lead to something.
func TestCommentsOfExportedNames(t *testing.T) {
	sources := parseSources(t)
	for dir, s := range sources {
		for file, parsed := range s.files {
			if ast.IsGenerated(parsed) {
				continue
			}
			for _, group := range parsed.Comments {
				for _, m := range link.FindAllStringSubmatch(group.Text(), -1) {
					if !leadsSomewhere(sources, dir, m[1], m[2]) {
						t.Errorf("%s: %s leads nowhere", file, m[0])
					}
				}
			}
			if !strings.HasSuffix(file, "_test.go") {
				checkBeginnings(t, file, parsed)
			}
		}
	}
}

// leadsSomewhere follows a link in a comment of the package dir.
func leadsSomewhere(sources map[string]*source, dir, from, name string) bool {
	if from == "" {
		return sources[dir].has(name)
	}
	imported := sources[dir].imported[from]
	if ours, ok := strings.CutPrefix(imported, module+"/"); ok {
		return sources[ours].has(name)
	}
	_, standard := comment.DefaultLookupPackage(from)
	return standard || imported != ""
}

// checkBeginnings checks how the comments of a file's exported names begin.
func checkBeginnings(t *testing.T, file string, parsed *ast.File) {
	check := func(name *ast.Ident, doc *ast.CommentGroup) {
		text := strings.TrimPrefix(strings.TrimPrefix(doc.Text(), "A "), "An ")
		if name.IsExported() && !regexp.MustCompile(`^`+name.Name+`\b`).MatchString(text) {
			t.Errorf("%s: the comment of %s does not begin with its name: %.40q", file, name, text)
		}
	}
	for _, declared := range parsed.Decls {
		switch d := declared.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil || ast.IsExported(receiver(d)) {
				check(d.Name, d.Doc)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch {
				case d.Lparen.IsValid(): // one comment may be about several
				case d.Tok == token.TYPE:
					check(spec.(*ast.TypeSpec).Name, d.Doc)
				case d.Tok != token.IMPORT:
					check(spec.(*ast.ValueSpec).Names[0], d.Doc)
				}
			}
		}
	}
}

// parseSources parses the packages of this module, by their path below it.
func parseSources(t *testing.T) map[string]*source {
	t.Helper()
	sources := map[string]*source{}
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (file == "bench" || file == "zoo" || entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), "_")):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(file) != ".go":
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(file))
		if sources[dir] == nil {
			sources[dir] = &source{files: map[string]*ast.File{}, imported: map[string]string{}, names: map[string]bool{}}
		}
		sources[dir].add(file, parsed)
		return nil
	})
	if err != nil || len(sources) < 30 {
		t.Fatalf("%d packages: %v", len(sources), err)
	}
	return sources
}

func (s *source) add(file string, parsed *ast.File) {
	s.files[file] = parsed
	for _, spec := range parsed.Imports {
		from := strings.Trim(spec.Path.Value, `"`)
		name := path.Base(from)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		s.imported[name] = from
	}
	for _, declared := range parsed.Decls {
		switch d := declared.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				name = receiver(d) + "." + name
			}
			s.names[name] = true
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					s.addType(spec)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						s.names[name.Name] = true
					}
				}
			}
		}
	}
}

// addType adds a type with its fields or, of an interface, its methods.
func (s *source) addType(spec *ast.TypeSpec) {
	s.names[spec.Name.Name] = true
	var fields *ast.FieldList
	switch of := spec.Type.(type) {
	case *ast.StructType:
		fields = of.Fields
	case *ast.InterfaceType:
		fields = of.Methods
	default:
		return
	}
	for _, field := range fields.List {
		if len(field.Names) == 0 {
			s.names[spec.Name.Name+"."] = true
		}
		for _, name := range field.Names {
			s.names[spec.Name.Name+"."+name.Name] = true
		}
	}
}

// receiver is the name of the type that a method belongs to.
func receiver(d *ast.FuncDecl) string {
	of := d.Recv.List[0].Type
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	if generic, ok := of.(*ast.IndexExpr); ok {
		of = generic.X
	}
	return of.(*ast.Ident).Name
}

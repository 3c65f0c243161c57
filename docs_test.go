package triggerfinder_test

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	fenced     = regexp.MustCompile("(?ms)^```.*?^```")
	inCode     = regexp.MustCompile("`[^`\n]*`")
	linkTarget = regexp.MustCompile(`\]\(([^()\s]+)(?:\s+"[^"]*")?\)|(?:src|href)="([^"]+)"`)
	heading    = regexp.MustCompile(`(?m)^#+ +(.+?)\s*$`)
	dropped    = regexp.MustCompile(`[^\p{L}\p{N}_\- ]`)
)

// TestLinksOfMarkdownFilesLeadSomewhere checks links to files of this repository, and to headings in them.
func TestLinksOfMarkdownFilesLeadSomewhere(t *testing.T) {
	pages, links := 0, 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && path != "." || entry.Name() == "testdata"):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		pages++
		for _, link := range linksOf(t, path) {
			u, err := url.Parse(link)
			if err != nil {
				t.Errorf("%s: link %q: %v", path, link, err)
				continue
			}
			if u.IsAbs() {
				continue // to elsewhere
			}
			links++
			target := path
			if u.Path != "" {
				target = filepath.Join(filepath.Dir(path), filepath.FromSlash(u.Path))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: link %q: expected a file or folder %s, found none", path, link, target)
			} else if u.Fragment != "" && !headings(t, target)[u.Fragment] {
				t.Errorf("%s: link %q: expected a heading of %s, found none", path, link, target)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if pages < 10 || links < 20 {
		t.Errorf("%d pages with %d links: expected more", pages, links)
	}
}

// TestEveryPackageStandsInTheTree checks that CONTRIBUTING.md says of each package what it is, and examples/README.md of each
// example.
func TestEveryPackageStandsInTheTree(t *testing.T) {
	read := func(path string) string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	tree, examples := read("CONTRIBUTING.md"), read("examples/README.md")
	for path := range listPackages(t) {
		if example, ok := strings.CutPrefix(path, "examples/"); ok {
			if !strings.Contains(examples, "]("+example+"/") {
				t.Errorf("examples/README.md: expected a row with a link to %s, found none", example)
			}
		} else if path != "" && !regexp.MustCompile(`(?m)(^| )`+regexp.QuoteMeta(path)+`/(,| )`).MatchString(tree) {
			t.Errorf("CONTRIBUTING.md: expected %s/ in the tree of packages, found it not", path)
		}
	}
}

// TestActionsArePinned checks that workflows, those in Markdown files too, take actions by commit, with the version behind it, and each in
// one version.
func TestActionsArePinned(t *testing.T) {
	uses := regexp.MustCompile(`(?m)^\s*(?:- )?uses: ([\w./-]+)(?:@(\S+))?(?: # (\S+))?`)
	pinned := map[string]string{}
	for _, pattern := range []string{".github/workflows/*", "examples/ci/*.yml", "*.md", "docs/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, error %v", pattern, len(files), err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range uses.FindAllStringSubmatch(string(data), -1) {
				action, commit, version := m[1], m[2], m[3]
				if strings.HasPrefix(action, "./") {
					continue // a workflow of the repository itself
				}
				if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(commit) || !regexp.MustCompile(`^v\d+\.\d+\.\d+$`).MatchString(version) {
					t.Errorf("%s: %s: expected a commit and its version, as in @%s # v1.2.3, found @%s # %s", file, action, strings.Repeat("0", 40), commit, version)
				}
				if other := pinned[action]; other != "" && other != commit+" "+version {
					t.Errorf("%s: %s: expected one version in all workflows, found %s and %s %s", file, action, other, commit, version)
				}
				pinned[action] = commit + " " + version
			}
		}
	}
	if len(pinned) < 4 {
		t.Errorf("%d actions: expected more", len(pinned))
	}
}

// TestTheCitationIsOfTheNewestVersion compares CITATION.cff with the newest version in CHANGELOG.md.
func TestTheCitationIsOfTheNewestVersion(t *testing.T) {
	read := func(path, pattern string) string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(pattern).FindSubmatch(data)
		if m == nil {
			t.Fatalf("%s: expected %s, found none", path, pattern)
		}
		return string(m[1]) + " of " + string(m[2])
	}
	newest := read("CHANGELOG.md", `(?m)^## (\d+\.\d+\.\d+) \((\d{4}-\d\d-\d\d)\)$`)
	if cited := read("CITATION.cff", `(?s)\nversion: (\S+)\ndate-released: "([^"]+)"`); cited != newest {
		t.Errorf("CITATION.cff: expected %s, the newest version in CHANGELOG.md, found %s", newest, cited)
	}
}

// linksOf are the targets of the links and pictures in a Markdown file, code apart.
func linksOf(t *testing.T, path string) []string {
	t.Helper()
	var links []string
	for _, m := range linkTarget.FindAllStringSubmatch(inCode.ReplaceAllString(prose(t, path), "code"), -1) {
		links = append(links, m[1]+m[2])
	}
	return links
}

// headings are the fragments by which the headings of a Markdown file can be linked to.
func headings(t *testing.T, path string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(prose(t, path), -1) {
		found[strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return found
}

func prose(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return fenced.ReplaceAllString(string(data), "")
}

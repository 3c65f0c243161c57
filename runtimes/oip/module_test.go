package oip_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestModuleCanBeGot: who gets this module gets the root module that it requires, whatever the replacement here says. It has to be a commit of
// this repository.
func TestModuleCanBeGot(t *testing.T) {
	git := func(arguments ...string) (string, error) {
		out, err := exec.Command("git", arguments...).Output()
		return strings.TrimSpace(string(out)), err
	}
	if shallow, err := git("rev-parse", "--is-shallow-repository"); err != nil || shallow != "false" {
		t.Skipf("expected a clone with its history, found none: %v", err)
	}
	file, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\s*github\.com/triggerfinder/triggerfinder v0\.0\.0-(\d{14})-([0-9a-f]{12})$`).FindSubmatch(file)
	if found == nil {
		t.Fatal("go.mod: expected the root module at a commit, v0.0.0-TIME-HASH")
	}
	at := exec.Command("git", "log", "-1", "--date=format-local:%Y%m%d%H%M%S", "--format=%cd", string(found[2]))
	at.Env = append(os.Environ(), "TZ=UTC")
	if out, err := at.Output(); err != nil || strings.TrimSpace(string(out)) != string(found[1]) {
		t.Errorf("expected a commit %s of %s, found %q (error %v)", found[2], found[1], out, err)
	}
	if _, err := git("merge-base", "--is-ancestor", string(found[2]), "HEAD"); err != nil {
		t.Errorf("expected %s to be a commit before this one: %v", found[2], err)
	}
}

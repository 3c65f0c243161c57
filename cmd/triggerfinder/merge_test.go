package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/report"
)

// shardedSearch is a search of a real pair with seeds of which some have no trigger.
func shardedSearch(more ...string) []string {
	return append([]string{"search", "--original", "@lenet5.onnx", "--compressed", "@lenet5-pruned.onnx", "--seeds", "@seeds.npy",
		"--labels", "@labels.txt", "--scale", "1/255", "--budget", "60", "--within", "linf=16"}, more...)
}

// timeless reads a result without what differs from run to run and without the flags.
func timeless(t *testing.T, path string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var result map[string]any
	if err := json.Unmarshal(data, &result); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"started", "wall_s", "model_s", "overhead", "queries_per_s", "options"} {
		if _, ok := result[name]; !ok {
			t.Errorf("the result has no %q", name)
		}
		delete(result, name)
	}
	return result
}

func TestMergedResultEqualsThatOfTheWhole(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	whole := command(t, shardedSearch("--json", at("whole.json"), "--evidence", at("whole-evidence.json"))...)
	if whole.code != exitFound || !strings.Contains(whole.out, "Evidence: "+at("whole-evidence.json")) {
		t.Fatalf("%+v; expected triggers and evidence", whole)
	}
	for total := 1; total <= 3; total++ {
		args := []string{"merge", "--json", at("merged.json"), "--evidence", at("merged-evidence.json")}
		for i := 1; i <= total; i++ {
			file := at(fmt.Sprintf("%d-%d.json", i, total))
			part := command(t, shardedSearch("--shard", fmt.Sprintf("%d/%d", i, total), "--json", file)...)
			if part.code == exitError {
				t.Fatalf("shard %d/%d: %+v", i, total, part)
			}
			if total > 1 && !strings.Contains(part.out, fmt.Sprintf("%d/%d: %d of %d seeds", i, total, seedCount/total, seedCount)) {
				t.Errorf("shard %d/%d: %s; expected it to say how many seeds are its own", i, total, part.out)
			}
			args = append(args, file)
		}
		merged := command(t, args...)
		if merged.code != whole.code || !strings.Contains(merged.out, "Merged from "+report.Plural(total, "shard")+".") {
			t.Errorf("%d shards: %+v; expected code %d", total, merged, whole.code)
		}
		if want, got := strings.SplitN(whole.out, "\n", 2)[0], strings.SplitN(merged.out, "\n", 2)[0]; want != got {
			t.Errorf("%d shards: %q; expected %q", total, got, want)
		}
		if diff := cmp.Diff(timeless(t, at("whole.json")), timeless(t, at("merged.json"))); diff != "" {
			t.Errorf("%d shards: %s", total, diff)
		}
		if diff := cmp.Diff(readText(t, at("whole-evidence.json")), readText(t, at("merged-evidence.json"))); diff != "" {
			t.Errorf("%d shards: evidence: %s", total, diff)
		}
	}
	if _, err := report.LoadEvidence(at("whole-evidence.json")); err != nil {
		t.Error(err)
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestMergeNamesWhatDoesNotFit(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for file, more := range map[string][]string{
		"1.json": {"--shard", "1/2"}, "2.json": {"--shard", "2/2"}, "other.json": {"--shard", "2/2", "--random-seed", "1"}, "whole.json": nil,
	} {
		if got := command(t, shardedSearch(append(more, "--json", at(file))...)...); got.code == exitError {
			t.Fatal(got.err)
		}
	}
	for _, test := range []struct {
		args []string
		says string
	}{
		{nil, "merge: expected the results of all shards of a search"},
		{[]string{at("1.json")}, "expected all of 2 shards, found 1; missing: 2/2"},
		{[]string{at("1.json"), at("1.json")}, "shard 1/2 is there twice"},
		{[]string{at("1.json"), at("other.json")}, "different searches: random seed: 0 and 1"},
		{[]string{at("whole.json")}, at("whole.json") + ": expected the result of a shard, found that of a whole search: search with --shard"},
		{[]string{at("none.json")}, at("none.json") + ": expected a file, found none"},
		{[]string{"@labels.txt"}, "labels.txt: expected a JSON object"},
		{[]string{at("1.json"), at("2.json"), "--json", dir}, "expected a file, found a folder"},
	} {
		got := command(t, append([]string{"merge"}, test.args...)...)
		if got.code != exitError || !strings.Contains(got.err, test.says) {
			t.Errorf("merge %v: %+v; expected an error that says %q", test.args, got, test.says)
		}
	}
	for says, more := range map[string][]string{
		`--shard: expected a shard such as 1/4 or 4/4, or "auto", found "5/4"`: {"--shard", "5/4"},
		"--time: expected it without --shard, found --shard 1/4":               {"--shard", "1/4", "--time", "9s"},
		"--stop-after: expected it without --shard, found --shard 1/4":         {"--shard", "1/4", "--stop-after", "3"},
		"--evidence: expected it without --shard, found --shard 1/4":           {"--shard", "1/4", "--evidence", at("e.json")},
	} {
		if got := command(t, shardedSearch(more...)...); got.code != exitError || !strings.Contains(got.err, says) {
			t.Errorf("%+v; expected an error that says %q", got, says)
		}
	}
	t.Setenv("TRIGGERFINDER_SHARD", "2/2")
	got := command(t, shardedSearch("--shard", "auto", "--json", at("auto.json"))...)
	if got.code == exitError {
		t.Fatal(got.err)
	}
	if diff := cmp.Diff(timeless(t, at("2.json"))["per_seed"], timeless(t, at("auto.json"))["per_seed"]); diff != "" {
		t.Error(diff)
	}
}

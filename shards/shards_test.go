package shards_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/shards"
)

var variables = []string{shards.Variable, shards.TotalVariable, "JOB_COMPLETION_INDEX", "JOB_COMPLETIONS",
	"TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS", "TEST_SHARD_STATUS_FILE"}

func TestDetect(t *testing.T) {
	for _, test := range []struct {
		environment string
		want        engine.Shard
		says        string // of the error
	}{
		{"", engine.Shard{}, ""},
		{"TRIGGERFINDER_SHARD=2/4", engine.Shard{Index: 1, Total: 4}, ""},
		{"TEST_SHARD_INDEX=0 TEST_TOTAL_SHARDS=3", engine.Shard{Index: 0, Total: 3}, ""},
		{"JOB_COMPLETION_INDEX=2 TRIGGERFINDER_SHARDS=3", engine.Shard{Index: 2, Total: 3}, ""},
		{"JOB_COMPLETION_INDEX=2 JOB_COMPLETIONS=5", engine.Shard{Index: 2, Total: 5}, ""},
		{"JOB_COMPLETION_INDEX=2 JOB_COMPLETIONS=5 TRIGGERFINDER_SHARDS=4", engine.Shard{Index: 2, Total: 4}, ""},
		{"TRIGGERFINDER_SHARD=1/2 TEST_SHARD_INDEX=0 TEST_TOTAL_SHARDS=3 JOB_COMPLETION_INDEX=7", engine.Shard{Index: 0, Total: 2}, ""},
		{"TEST_TOTAL_SHARDS=3", engine.Shard{}, ""},
		{"TRIGGERFINDER_SHARD=0/4", engine.Shard{}, `TRIGGERFINDER_SHARD: expected a shard such as 1/4 or 4/4, found "0/4"`},
		{"JOB_COMPLETION_INDEX=2", engine.Shard{}, `JOB_COMPLETION_INDEX is "2": expected the number of shards in TRIGGERFINDER_SHARDS or JOB_COMPLETIONS, found none`},
		{"JOB_COMPLETION_INDEX=3 JOB_COMPLETIONS=3", engine.Shard{}, `expected JOB_COMPLETION_INDEX from 0 to JOB_COMPLETIONS-1, found "3" and "3"`},
		{"TEST_SHARD_INDEX=x TEST_TOTAL_SHARDS=3", engine.Shard{}, `expected TEST_SHARD_INDEX from 0 to TEST_TOTAL_SHARDS-1, found "x" and "3"`},
		{"TEST_SHARD_INDEX=1 TEST_TOTAL_SHARDS=3 JOB_COMPLETION_INDEX=1 JOB_COMPLETIONS=3", engine.Shard{}, "found both; say which with TRIGGERFINDER_SHARD"},
	} {
		t.Run(test.environment, func(t *testing.T) {
			for _, name := range variables {
				t.Setenv(name, "")
			}
			for _, setting := range strings.Fields(test.environment) {
				name, value, _ := strings.Cut(setting, "=")
				t.Setenv(name, value)
			}
			got, err := shards.Detect()
			if got != test.want || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("%+v, error %v; expected %+v, error %q", got, err, test.want, test.says)
			}
		})
	}
}

func TestDetectTellsBazelThatItShards(t *testing.T) {
	for _, name := range variables {
		t.Setenv(name, "")
	}
	file := filepath.Join(t.TempDir(), "status")
	t.Setenv("TEST_SHARD_STATUS_FILE", file)
	if _, err := shards.Detect(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("touched without shards")
	}
	t.Setenv("TEST_SHARD_INDEX", "1")
	t.Setenv("TEST_TOTAL_SHARDS", "2")
	if _, err := shards.Detect(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("expected the status file: %v", err)
	}
	t.Setenv("TEST_SHARD_STATUS_FILE", filepath.Join(file, "below"))
	if _, err := shards.Detect(); err == nil || !strings.Contains(err.Error(), "TEST_SHARD_STATUS_FILE") {
		t.Errorf("error %v; expected one about the status file", err)
	}
}

func ExampleDetect() {
	os.Setenv("TRIGGERFINDER_SHARD", "2/4")
	defer os.Unsetenv("TRIGGERFINDER_SHARD")
	shard, err := shards.Detect()
	fmt.Println(shard, err)
	// Output: 2/4 <nil>
}

// Package shards finds out which shard of a search a process was started as, by Bazel, by a Kubernetes Job or by hand.
//
//	shard, err := shards.Detect()
//	report, err := engine.Search(ctx, pair, seeds, engine.Settings{Shard: shard, …})
//
// The reports of all shards are put together by [engine.Merge], or by the command triggerfinder merge.
package shards

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
)

// The environment variables that [Detect] reads.
const (
	// Variable names the shard by hand, as [engine.ParseShard] reads it: TRIGGERFINDER_SHARD=2/4.
	Variable = "TRIGGERFINDER_SHARD"
	// TotalVariable is the number of shards for a Kubernetes Job, which tells its pods their index only.
	TotalVariable = "TRIGGERFINDER_SHARDS"
)

// Detect returns the shard that the environment asks for, the zero Shard when it asks for none:
//
//   - TRIGGERFINDER_SHARD, such as 2/4, goes first.
//   - Bazel sets TEST_SHARD_INDEX (from 0) and TEST_TOTAL_SHARDS where shard_count is given. Detect touches
//     TEST_SHARD_STATUS_FILE, by which Bazel learns that the test shards. The runner of rules_go's go_test
//     shards too, by test functions: there, keep to one of both.
//   - Kubernetes sets JOB_COMPLETION_INDEX (from 0) in the pods of an Indexed Job. The total is
//     not told: set TRIGGERFINDER_SHARDS or JOB_COMPLETIONS to the completions of the Job.
//
// Bazel and Kubernetes at once, half of a pair of variables, or a value that is no shard are errors.
func Detect() (engine.Shard, error) {
	shard, err := detect(os.Getenv)
	if err != nil {
		return engine.Shard{}, fmt.Errorf("shards: %w", err)
	}
	if file := os.Getenv("TEST_SHARD_STATUS_FILE"); file != "" && os.Getenv("TEST_TOTAL_SHARDS") != "" {
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE, 0o666)
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			return engine.Shard{}, fmt.Errorf("shards: TEST_SHARD_STATUS_FILE: %w", err)
		}
	}
	return shard, nil
}

func detect(getenv func(string) string) (engine.Shard, error) {
	if text := getenv(Variable); text != "" {
		shard, err := engine.ParseShard(text)
		if err != nil {
			return engine.Shard{}, fmt.Errorf("%s: expected a shard such as 1/4 or 4/4, found %q", Variable, text)
		}
		return shard, nil
	}
	bazel, err := pair(getenv, "TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS")
	if err != nil {
		return engine.Shard{}, err
	}
	job, err := pair(getenv, "JOB_COMPLETION_INDEX", TotalVariable, "JOB_COMPLETIONS")
	switch {
	case err != nil:
		return engine.Shard{}, err
	case bazel == engine.Shard{}:
		return job, nil
	case job != engine.Shard{}:
		return engine.Shard{}, fmt.Errorf("expected a shard of Bazel (TEST_SHARD_INDEX) or of Kubernetes (JOB_COMPLETION_INDEX), found both; say which with %s", Variable)
	}
	return bazel, nil
}

// pair reads an index from 0 and a total from the first of several variables that is set.
func pair(getenv func(string) string, indexName string, totalNames ...string) (engine.Shard, error) {
	index, total, totalName := getenv(indexName), "", totalNames[0]
	for _, name := range totalNames {
		if total == "" && getenv(name) != "" {
			total, totalName = getenv(name), name
		}
	}
	switch {
	case index == "": // a total alone says nothing about this process
		return engine.Shard{}, nil
	case total == "":
		return engine.Shard{}, fmt.Errorf("%s is %q: expected the number of shards in %s, found none", indexName, index, strings.Join(totalNames, " or "))
	}
	i, err := strconv.Atoi(index)
	n, err2 := strconv.Atoi(total)
	if err != nil || err2 != nil || n < 1 || i < 0 || i >= n {
		return engine.Shard{}, fmt.Errorf("expected %s from 0 to %s-1, found %q and %q", indexName, totalName, index, total)
	}
	return engine.Shard{Index: i, Total: n}, nil
}

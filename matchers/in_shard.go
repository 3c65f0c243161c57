package matchers

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/shards"
)

// InShard searches only the seeds of one of several shards, which run in other processes; see
// [engine.Shard]. In the negative, all shards pass exactly when the whole search would; in the positive a
// shard cannot speak for the others. Each shard judges the share of its own seeds that were skipped.
//
// A limit of the whole search is an error. Only those of the default budget, Queries and Time, are left out
// instead: a shard has its limits a seed.
func (m *HaveDeviationMatcher) InShard(shard engine.Shard) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.given, c.settings.Shard = c.given.with("InShard"), shard })
}

// InShardOfEnvironment is [HaveDeviationMatcher.InShard] with the shard that the process was started as, by
// Bazel, Kubernetes or hand; see [shards.Detect]. Without one it searches everything.
func (m *HaveDeviationMatcher) InShardOfEnvironment() *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) {
		shard, err := shards.Detect()
		if err != nil {
			c.misuse = append(c.misuse, fmt.Errorf("InShardOfEnvironment: %w", err))
		}
		c.given, c.settings.Shard = c.given.with("InShardOfEnvironment"), shard
	})
}

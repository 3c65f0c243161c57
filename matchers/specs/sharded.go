package specs

import (
	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/shards"
)

// Sharded splits one search into as many specs as there are parallel processes (ginkgo -p), which share them
// out among themselves:
//
//	var _ = specs.Sharded("agrees with the original", func(ctx SpecContext, shard engine.Shard) {
//		Expect(pair).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds).InShard(shard)))
//	}, SpecTimeout(time.Minute))
//
// Every spec opens the pair for itself, in a BeforeEach around Sharded or in the body. All of them pass exactly
// when the search in one piece would. Where the processes are themselves a shard, of Bazel or of a Kubernetes
// Job, it is that shard which is split; see [shards.Detect]. Decorators apply to each spec.
func Sharded(text string, body func(ctx ginkgo.SpecContext, shard engine.Shard), decorators ...any) bool {
	where := types.NewCodeLocation(1)
	return ginkgo.Describe(text, where, func() {
		outer, err := shards.Detect()
		if err != nil {
			ginkgo.It("in shards", where, func() { ginkgo.Fail("Sharded: " + err.Error()) })
			return
		}
		// The tree of specs is the same in all processes: it may depend on their number only.
		config, _ := ginkgo.GinkgoConfiguration()
		for _, shard := range split(outer, max(1, config.ParallelTotal)) {
			name := "in one piece"
			if shard != (engine.Shard{}) {
				name = "shard " + shard.String()
			}
			args := append([]any{where, func(ctx ginkgo.SpecContext) { body(ctx, shard) }}, decorators...)
			ginkgo.It(name, args...)
		}
	})
}

// split splits a shard, or the whole, into n.
func split(outer engine.Shard, n int) []engine.Shard {
	if n == 1 {
		return []engine.Shard{outer}
	}
	parts := make([]engine.Shard, n)
	for i := range parts {
		// Seeds i with i mod Total == Index are split by what is left of i when it is divided by Total.
		parts[i] = engine.Shard{Index: outer.Index + i*max(1, outer.Total), Total: n * max(1, outer.Total)}
	}
	return parts
}

package specs

import (
	"github.com/onsi/ginkgo/v2"
	"github.com/triggerfinder/triggerfinder/matchers"
)

// Failure messages say how to run the one spec again: --ginkgo.focus.
func init() {
	matchers.NameSpecs(func() string { return ginkgo.CurrentSpecReport().FullText() })
}

package specs_test

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
)

func ExampleLabelOf() {
	fmt.Println(specs.LabelOf(fixtures.LeNet5Int8.Name), specs.LabelOf("ResNet-20 (pruned, 50 %)"))
	// Output: [pair:lenet5-int8] [pair:ResNet-20 -pruned- 50 %-]
}

func ExampleEntriesByClass() {
	// DescribeTable("agrees on", func(ctx SpecContext, seeds engine.Seeds) { … }, entries)
	entries := specs.EntriesByClass(generators.First(fixtures.Seeds(), 30), fixtures.ClassNames()...)
	fmt.Println(len(entries), "specs, one a class")
	fmt.Println(len(specs.EntriesByClass(engine.SeedList{})), "spec, in which the search says that there are no seeds")
	// Output:
	// 10 specs, one a class
	// 1 spec, in which the search says that there are no seeds
}

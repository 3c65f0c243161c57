package specs_test

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
)

func ExampleLabelOf() {
	fmt.Println(specs.LabelOf(fixtures.LeNet5Int8.Name), specs.LabelOf("ResNet-20 (pruned, 50 %)"))
	// Output: [pair:lenet5-int8] [pair:ResNet-20 -pruned- 50 %-]
}

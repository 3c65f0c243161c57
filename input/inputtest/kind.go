// Package inputtest is for tests: what inputs of a shape are, and whether memory can be counted.
package inputtest

import "github.com/triggerfinder/triggerfinder/input"

// KindOf is the kind that tests give inputs of a shape: images, where it is that of one.
func KindOf(shape []int) input.Kind {
	if len(shape) == 2 || len(shape) == 3 {
		return input.Image
	}
	return input.Other
}

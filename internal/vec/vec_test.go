package vec

import (
	"testing"

	"pgregory.net/rapid"
)

// eitherWay checks a property on several numbers at once, where the processor can, and on one after the other.
func eitherWay(t *testing.T, property func(*rapid.T)) {
	t.Run("one after the other", func(t *testing.T) {
		WithoutVectors(func() { rapid.Check(t, property) })
	})
	t.Run("several at once", func(t *testing.T) {
		if !vectors {
			t.Skip("this processor cannot")
		}
		rapid.Check(t, property)
	})
}

func TestWithoutVectors(t *testing.T) {
	before := vectors
	WithoutVectors(func() {
		if vectors {
			t.Error("vectors are still in use")
		}
	})
	if vectors != before {
		t.Error("vectors are not back in use")
	}
}

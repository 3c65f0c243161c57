package answer

import "fmt"

// Blank tells why there is nothing in an answer of the original from which another one could deviate, but by what it invents: no box that
// counts, or one label for all pixels. It is "" where there is something, for oracles that are neither [Detection] nor [Segmentation],
// and for those of which that is what is wanted; see the field Empty of [Boxes] and of [Masks]. It sees through [Telling].
func Blank(oracle Oracle, original Answer) string {
	if _, several := oracle.(anyOf); several {
		return "" // others may see something
	}
	if o, ok := within[detection](oracle); ok && !o.boxes.Empty {
		c := boxComparisons.Get().(*boxComparison)
		defer c.done()
		if c.original.read(&o.boxes, &original, o.known); c.original.sure == 0 {
			return fmt.Sprintf("no box of a score of at least %g", o.boxes.score())
		}
	}
	if o, ok := within[segmentation](oracle); ok && !o.masks.Empty {
		c := o.compare(&original, &original, false)
		defer maskComparisons.Put(c)
		for label, covers := range c.classes {
			if covers.from == c.size && c.size > 0 {
				return ClassName(nil, label) + " for all pixels"
			}
		}
	}
	return ""
}

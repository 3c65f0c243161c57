package page

import "slices"

// Distinct are the values that are not empty, each once and in order: the dates, machines or versions behind the
// figures of a page.
func Distinct(values []string) []string {
	kept := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	slices.Sort(kept)
	return slices.Compact(kept)
}

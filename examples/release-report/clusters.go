package main

import (
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report/dossier"
)

// clusters groups triggers by the two answers and by the first mutation operator. The nearest to its seed stands
// for its group.
func clusters(triggers []*engine.Trigger) []dossier.Cluster {
	type kind struct {
		original, compressed int
		family               string
	}
	groups := map[kind]*dossier.Cluster{}
	nearest := map[kind]float64{}
	for _, t := range triggers {
		k := kind{t.OriginalLabel, t.CompressedLabel, "unchanged"}
		if len(t.History) > 0 {
			k.family, _, _ = strings.Cut(t.History[0], " ") // without its numbers
		}
		c := groups[k]
		if c == nil {
			c = &dossier.Cluster{OriginalLabel: k.original, CompressedLabel: k.compressed, Family: k.family}
			groups[k] = c
		}
		c.Count++
		if c.Exemplar == "" || t.Distance.L2 < nearest[k] {
			c.Exemplar, nearest[k] = t.ID, t.Distance.L2
		}
	}
	var all []dossier.Cluster
	for _, c := range groups {
		all = append(all, *c)
	}
	return all
}

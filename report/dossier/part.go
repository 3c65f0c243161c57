package dossier

import "slices"

// Part records checks of a [Dossier] that are about a part of what it is about, or one that was declared.
type Part struct {
	dossier *Dossier
	of      *declared // nil where none was declared
	parts   []string
}

// declared is a check that belongs to the release.
type declared struct {
	name     string
	recorded bool
}

// For is the dossier for checks about a part, such as one class, so that the same check of several parts can be told
// apart: "deviation rate below 1 % (top-1), Trouser".
//
//	Expect(pair).To(HaveDeviationRateBelow(0.1).Under(generators.Corrupted(trousers)).RecordedIn(d.For("Trouser")))
func (d *Dossier) For(part string) *Part { return (&Part{dossier: d}).For(part) }

// Declare names a check that belongs to the release, and is the dossier for it. A package's variables are made before any
// test is chosen, so that the dossier knows of checks that were filtered, skipped, or never came to their turn:
//
//	var (
//		release = dossier.New("lenet5-int8 2.1", dossier.Options{})
//		severe  = release.Declare("no severe deviation")
//		rate    = release.Declare("rarely deviates on worse photos")
//	)
//	…
//	g.Expect(pair).NotTo(HaveDeviationFrom(seeds).MinGap(0.4).RecordedIn(severe))
//
// Where one of them recorded nothing, the release is [Partial]. Checks that are not declared may be recorded besides.
func (d *Dossier) Declare(check string) *Part {
	of := &declared{name: check}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.declared = append(d.declared, of)
	return &Part{dossier: d, of: of}
}

// For is the part for checks about a part of this one: "rarely deviates on worse photos, Trouser".
func (p *Part) For(part string) *Part {
	c := *p
	c.parts = append(slices.Clip(p.parts), part)
	return &c
}

// Check records a check, with the name of the part.
func (p *Part) Check(c Check) {
	if p.of != nil {
		c.Name = p.of.name
		p.dossier.mu.Lock()
		p.of.recorded = true
		p.dossier.mu.Unlock()
	}
	for _, part := range p.parts {
		if part != "" {
			c.Name += ", " + part
			c.Sentence = part + ": " + c.Sentence
		}
	}
	p.dossier.Check(c)
}

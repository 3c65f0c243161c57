package dossier

// Part records checks of a [Dossier] that are about a part of what it is about.
type Part struct {
	dossier *Dossier
	name    string
}

// For is the dossier for checks about a part, such as one class, so that the same check of several parts can be told
// apart: "deviation rate below 1 % (top-1), Trouser".
//
//	Expect(pair).To(HaveDeviationRateBelow(0.1).Under(generators.Corrupted(trousers)).RecordedIn(d.For("Trouser")))
func (d *Dossier) For(part string) *Part { return &Part{d, part} }

// Check records a check, with the name of the part.
func (p *Part) Check(c Check) {
	if p.name != "" {
		c.Name += ", " + p.name
		c.Sentence = p.name + ": " + c.Sentence
	}
	p.dossier.Check(c)
}

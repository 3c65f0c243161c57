package strategies

import (
	"math"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// Parameters of patches in the descent, chosen on 12 of the least of photos 61 to 120 of docs/results/production.md.
const (
	// They take over after patchesFrom queries, where the margin is patchesBehind times what an even descent would have left, and patchesAbove of the seed's.
	patchesFrom                 = 70
	patchesBehind, patchesAbove = 1.1, 0.15

	patchesFar  = 0.15 // distance by the aim that they may take all over the image, for all of the seed's margin
	patchesOnce = 2    // tried at once: one query

	// The boundary is to be reached by patchesEnd queries: where it would not be, by what fell since the last look, changes grow.
	patchesEnd, lookEvery, changesGrow = 180, 10, 1.2

	stretchesLast = 10 // queries left at which the whole change is tried larger
)

// stretches are by what.
var stretches = [...]float64{1.3, 1.6, 2, 2.5}

// descentPatches go on with a descent that is behind: margins that many small changes of colour do not lower enough fall to textures, which cost more. Those
// of a [patchwork] are put in the place one after another, each value changed by as much as costs the same in similarity: more where the photo has texture itself.
type descentPatches struct {
	work      patchwork
	tried     []*patch
	amplitude float64 // of the change, in 1/255 of the domain's range where that costs least
	looked    int     // queries at the latest look
	margin    float64 // then
	stretched bool
}

// farBehind reports whether small changes will not reach the boundary in time.
func (d *descentCloser) farBehind() bool {
	even := float64(descentEnds-d.queries) / descentEnds
	return d.queries >= patchesFrom && d.c.margin > max(patchesBehind*even, patchesAbove)*d.c.seed.original
}

// beginPatches has patches lie around the place.
func (d *descentCloser) beginPatches() {
	c := d.c
	if d.patches == nil {
		d.patches = &descentPatches{}
	}
	p := d.patches
	d.state, p.looked, p.margin, p.amplitude = descentTextures, d.queries, c.margin, firstAmplitude
	copy(d.kept.Data, c.base.Data)
	all, image := &patch{area: c.grid.whole(), channels: every, texture: striped(4, 4, white)}, c.scratchImage()
	wanted := patchesFar * c.margin / c.seed.original
	for range 3 { // similarity is lost as the square of a change
		copy(image.Data, d.kept.Data)
		d.put(image, all)
		p.amplitude *= math.Sqrt(wanted / max(c.far(image)-d.far, 1e-4))
	}
}

// put writes a patch around what was there when they began.
func (d *descentCloser) put(dst input.Input, p *patch) {
	by, scale := float64(dst.Domain.Range())*d.patches.amplitude/255, d.c.scale
	d.c.grid.fill(dst.Data, p, func(i int, up uint64) float32 {
		change := float64(by * scale[i])
		if up == 0 {
			change = -change
		}
		return dst.Domain.Snap(float32(float64(d.kept.Data[i]) + change))
	})
}

// proposePatches are patches put in the place one by one and, in the end, larger changes than the place's.
func (d *descentCloser) proposePatches(limit int) []input.Input {
	c, p := d.c, d.patches
	p.tried = p.tried[:0]
	if d.limit-d.queries <= stretchesLast && !p.stretched {
		p.stretched = true
		for i, by := range stretches[:min(len(stretches), limit)] {
			c.at(c.input(i), c.changed(), by)
		}
		return c.asked
	}
	for i := range min(patchesOnce, limit) {
		p.tried = append(p.tried, p.work.next(d.s.task.Rand, c.grid))
		dst := c.input(i)
		copy(dst.Data, c.base.Data)
		d.put(dst, p.tried[i])
	}
	return c.asked
}

// tellPatches moves to what lowered the margin most. Another patch that lowered it is put on that next.
func (d *descentCloser) tellPatches(evaluations []engine.Evaluation) {
	c, p := d.c, d.patches
	before, best := c.margin, -1
	least := before
	for i := range evaluations {
		m := d.margin(&evaluations[i])
		if i < len(p.tried) {
			p.work.credit(p.tried[i], before-m)
		}
		if m >= before {
			continue
		}
		second := i
		if m < least {
			second, best, least = best, i, m
		}
		if second >= 0 && second < len(p.tried) {
			p.work.second = p.tried[second]
		}
	}
	if best >= 0 {
		d.moveTo(&evaluations[best], least)
	}
	if spent := d.queries - p.looked; spent >= lookEvery {
		if p.margin-c.margin < c.margin*float64(spent)/max(float64(patchesEnd-d.queries), 1) {
			p.amplitude *= changesGrow
		}
		p.looked, p.margin = d.queries, c.margin
	}
}

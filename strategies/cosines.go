package strategies

import (
	"cmp"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// Parameters of the local cosines, chosen on gradients of the embedded models and the zoo's, at other seeds than those of docs/results.
const (
	tilesAcross   = 4    // in each direction of an image, and the square of it where there is but one
	mostWaves     = 8    // frequencies a direction: larger tiles have no finer ones
	wavesFall     = 2.0  // frequency at which half as much is expected of a wave
	expectsLike   = 4.0  // measurements that count as much as what is expected
	measuresNoise = 0.05 // variance of what a measurement says, relative to that of what it measures: gradients change within it
	driftsBy      = 0.3  // what a move of the base adds to that
	changesBy     = 0.3  // share of the squared slope along a wave that a move changes
)

// cosines are a model of how leads change around an input, the base: of their gradients, in a basis of cosines within tiles of it. Which of them carry the
// gradients, coarse ones or fine ones, grey ones or colours, in the middle or at the rim, differs from model to model and from seed to seed. It is learned from
// those that were measured: what is expected of another one is the product of what its tile and its class of frequencies have shown, and those of which
// most is expected are measured next. So some 200 measurements find three quarters of the gradient of LeNet-5, in 784 directions, and half that of ResNet-20, in 3,072.
//
// The gradients are, tile by tile, the mean of a Gaussian process with these variances, given the measurements (Rasmussen and Williams, "Gaussian
// Processes for Machine Learning", 2006, section 2.1), as a change that the rim of the domain has cut is no cosine any more.
type cosines struct {
	grid     grid
	tiles    []tile
	waves    map[int][][]float64 // by length and frequency: orthonormal
	all      []wave
	order    []int // of all, those first of which most is expected
	hopes    []float64
	measured []measurement
	places   []float64 // variance by tile,
	classes  []float64 // by class of frequencies,
	scale    float64   // and of all
}

// tile is a rectangle of the grid, with how many frequencies it has in each direction.
type tile struct {
	top, bottom, left, right int
	high, wide, deep         int
}

// wave is a cosine within a tile.
type wave struct {
	tile, y, x, channel int
	class               int
	measured            bool
	moved               bool    // the base, since
	strength            float64 // squared slope along it when it was measured
}

// measurement is what a change of one tile has done.
type measurement struct {
	wave   int
	change []float64 // in the cosines of the tile
	length float64   // of the change, squared
	moved  []float64 // leads, by rival
	moves  int       // of the base since
}

func newCosines(g grid) *cosines {
	c := &cosines{grid: g, waves: map[int][][]float64{}, scale: 1}
	rows, columns := tilesAcross, tilesAcross
	switch {
	case g.Height == 1:
		rows, columns = 1, tilesAcross*tilesAcross
	case g.Width == 1:
		rows, columns = tilesAcross*tilesAcross, 1
	}
	rows, columns = min(rows, g.Height), min(columns, g.Width)
	for i := range rows * columns {
		y, x := i/columns, i%columns
		t := tile{top: y * g.Height / rows, bottom: (y + 1) * g.Height / rows, left: x * g.Width / columns, right: (x + 1) * g.Width / columns}
		t.high, t.wide, t.deep = min(t.bottom-t.top, mostWaves), min(t.right-t.left, mostWaves), min(g.Channels, mostWaves)
		c.tabulate(t.bottom-t.top, t.high)
		c.tabulate(t.right-t.left, t.wide)
		c.tabulate(g.Channels, t.deep)
		c.tiles = append(c.tiles, t)
		for j := range t.high * t.wide * t.deep {
			w := wave{tile: i, y: j / (t.wide * t.deep), x: j / t.deep % t.wide, channel: j % t.deep}
			w.class = t.class(j)
			c.all = append(c.all, w)
			for w.class >= len(c.classes) {
				c.classes = append(c.classes, expected(len(c.classes)/t.deep))
			}
		}
	}
	c.places, c.hopes = slices.Repeat([]float64{1}, len(c.tiles)), make([]float64, len(c.all))
	return c
}

// expected is what is expected of waves of a frequency before any was measured, relative to that of frequency 0.
func expected(frequency int) float64 { return 1 / (1 + float64(frequency)/wavesFall) }

// class is that of cosine j of the tile: those of about the same frequency in the same mixture of channels.
func (t *tile) class(j int) int {
	frequency := math.Hypot(float64(j/(t.wide*t.deep)), float64(j/t.deep%t.wide))
	return int(math.Round(frequency))*t.deep + j%t.deep
}

// tabulate makes the first n cosines of a length (the discrete cosine transform, type II).
func (c *cosines) tabulate(length, n int) {
	if c.waves[length] != nil {
		return
	}
	rows := make([][]float64, n)
	for f := range rows {
		rows[f] = make([]float64, length)
		size := math.Sqrt(2 / float64(length))
		if f == 0 {
			size = math.Sqrt(1 / float64(length))
		}
		for i := range rows[f] {
			rows[f][i] = size * math.Cos(math.Pi*(float64(i)+0.5)*float64(f)/float64(length))
		}
	}
	c.waves[length] = rows
}

// of are the cosines along the rows, the columns and the channels of a tile.
func (c *cosines) of(t *tile) (ys, xs, channels [][]float64) {
	return c.waves[t.bottom-t.top], c.waves[t.right-t.left], c.waves[c.grid.Channels]
}

// each calls fn for every value of a wave's tile, with that of the wave; as a vector the wave has length 1.
func (c *cosines) each(w *wave, fn func(i int, v float64)) {
	t := &c.tiles[w.tile]
	ys, xs, channels := c.of(t)
	for y := t.top; y < t.bottom; y++ {
		for x := t.left; x < t.right; x++ {
			at := ys[w.y][y-t.top] * xs[w.x][x-t.left]
			for channel, v := range channels[w.channel] {
				fn((y*c.grid.Width+x)*c.grid.Channels+channel, at*v)
			}
		}
	}
}

// rank lists the waves that may be measured, those first of which most is expected.
func (c *cosines) rank() []int {
	c.order = c.order[:0]
	for i := range c.all {
		w := &c.all[i]
		switch {
		case !w.measured:
			c.hopes[i] = c.scale * c.places[w.tile] * c.classes[w.class]
		case w.moved:
			c.hopes[i] = changesBy * w.strength
		default:
			continue
		}
		c.order = append(c.order, i)
	}
	slices.SortStableFunc(c.order, func(a, b int) int { return cmp.Compare(c.hopes[b], c.hopes[a]) })
	return c.order
}

// tell takes note of how far leads have moved where the tile of a wave has changed. No leads say that nothing is known of it.
func (c *cosines) tell(i int, base, in input.Input, moved []float64) {
	w := &c.all[i]
	w.measured, w.moved, w.strength = true, false, 0
	if len(moved) == 0 {
		return
	}
	m := measurement{wave: i, change: c.project(&c.tiles[w.tile], base, in), moved: moved}
	if m.length = vec.Dot(m.change, m.change); m.length > 0 {
		c.measured = append(c.measured, m)
	}
}

// project is how far an input has changed from the base within a tile, in its cosines.
func (c *cosines) project(t *tile, base, in input.Input) []float64 {
	ys, xs, channels := c.of(t)
	out, line := make([]float64, t.high*t.wide*t.deep), make([]float64, t.wide*t.deep)
	for y := t.top; y < t.bottom; y++ {
		clear(line)
		for x := t.left; x < t.right; x++ {
			for channel := range c.grid.Channels {
				i := (y*c.grid.Width+x)*c.grid.Channels + channel
				v := float64(in.Data[i]) - float64(base.Data[i])
				if v == 0 {
					continue
				}
				for j := range line {
					line[j] += float64(v * xs[j/t.deep][x-t.left] * channels[j%t.deep][channel])
				}
			}
		}
		for f := range t.high {
			vec.AddScaled(out[f*len(line):][:len(line)], ys[f][y-t.top], line)
		}
	}
	return out
}

// moveOn says that what is measured from now on is around another base.
func (c *cosines) moveOn() {
	for i := range c.measured {
		c.measured[i].moves++
	}
	for i := range c.all {
		c.all[i].moved = true
	}
}

// squared is what the measurements say of a rival's squared slope, those along all waves together.
func (c *cosines) squared(rival int) float64 {
	var sum float64
	for i := range c.measured {
		sum += c.measured[i].squared(rival)
	}
	return sum
}

func (m *measurement) squared(rival int) float64 { return m.moved[rival] * m.moved[rival] / m.length }

// learn fits what is expected to what was measured of a rival.
func (c *cosines) learn(rival int) {
	all, explained := c.squared(rival), 0.0
	for i := range c.measured {
		m := &c.measured[i]
		w := &c.all[m.wave]
		w.strength = m.squared(rival)
		explained += c.places[w.tile] * c.classes[w.class]
	}
	if !(all > 0) {
		return
	}
	c.scale = all / explained
	// The factors are fitted in turns.
	const turns = 3
	fit := func(factors, others []float64, of func(*wave) (own, other int), expected func(int) float64) {
		sums, counts := make([]float64, len(factors)), make([]float64, len(factors))
		for i := range c.measured {
			m := &c.measured[i]
			own, other := of(&c.all[m.wave])
			sums[own] += m.squared(rival) / (c.scale * others[other])
			counts[own]++
		}
		for k := range factors {
			factors[k] = (sums[k] + float64(expectsLike*expected(k))) / (counts[k] + expectsLike)
		}
	}
	deep := c.tiles[0].deep
	for range turns {
		fit(c.classes, c.places, func(w *wave) (int, int) { return w.class, w.tile }, func(class int) float64 { return expected(class / deep) })
		fit(c.places, c.classes, func(w *wave) (int, int) { return w.tile, w.class }, func(int) float64 { return 1 })
	}
}

// gradient is that of a rival's lead, by tile and cosine.
type gradient [][]float64

// gradients are those of all rivals.
func (c *cosines) gradients(rivals int) []gradient {
	all := make([]gradient, rivals)
	for r := range all {
		all[r] = make(gradient, len(c.tiles))
	}
	of := make([][]*measurement, len(c.tiles))
	for i := range c.measured {
		m := &c.measured[i]
		t := c.all[m.wave].tile
		of[t] = append(of[t], m)
	}
	for t := range c.tiles {
		c.gradientsOf(t, of[t], all)
	}
	return all
}

// gradientsOf writes those of one tile.
func (c *cosines) gradientsOf(t int, measured []*measurement, all []gradient) {
	tile := &c.tiles[t]
	variances := make([]float64, tile.high*tile.wide*tile.deep)
	var mean float64
	for j := range variances {
		variances[j] = c.places[t] * c.classes[tile.class(j)]
		mean += variances[j] / float64(len(variances))
	}
	n := len(measured)
	covariance := make([][]float64, n)
	weighted := make([]float64, len(variances))
	for i, m := range measured {
		covariance[i] = make([]float64, i+1)
		for j, v := range m.change {
			weighted[j] = v * variances[j]
		}
		for k := range covariance[i] {
			covariance[i][k] = vec.Dot(measured[k].change, weighted)
		}
		covariance[i][i] += m.length * mean * (measuresNoise + driftsBy*float64(m.moves))
	}
	decompose(covariance)
	weights := make([]float64, n)
	for r := range all {
		for i, m := range measured {
			weights[i] = m.moved[r]
		}
		solve(covariance, weights)
		g := make([]float64, len(variances))
		for i, m := range measured {
			vec.AddScaled(g, weights[i], m.change)
		}
		for j := range g {
			g[j] *= variances[j]
		}
		all[r][t] = g
	}
}

// length is that of the gradient of values.
func (g gradient) length() float64 {
	var sum float64
	for _, of := range g {
		sum += vec.Dot(of, of)
	}
	return math.Sqrt(sum)
}

// compose writes a gradient by values.
func (c *cosines) compose(dst []float64, g gradient) {
	for i := range c.tiles {
		t := &c.tiles[i]
		ys, xs, channels := c.of(t)
		line := make([]float64, t.wide*t.deep)
		mixed := make([]float64, t.deep)
		for y := t.top; y < t.bottom; y++ {
			clear(line)
			for f := range t.high {
				vec.AddScaled(line, ys[f][y-t.top], g[i][f*len(line):][:len(line)])
			}
			for x := t.left; x < t.right; x++ {
				clear(mixed)
				for f := range t.wide {
					vec.AddScaled(mixed, xs[f][x-t.left], line[f*t.deep:][:t.deep])
				}
				for channel := range c.grid.Channels {
					var sum float64
					for f, v := range mixed {
						sum += float64(v * channels[f][channel])
					}
					dst[(y*c.grid.Width+x)*c.grid.Channels+channel] = sum
				}
			}
		}
	}
}

// decompose replaces the lower half of a positive matrix by Cholesky's factor.
func decompose(rows [][]float64) {
	for i, row := range rows {
		for k := range i {
			row[k] = (row[k] - vec.Dot(row[:k], rows[k])) / rows[k][k]
		}
		row[i] = math.Sqrt(row[i] - vec.Dot(row[:i], row))
	}
}

// solve replaces the right side of a system of equations by its solution, by Cholesky's factor.
func solve(factor [][]float64, side []float64) {
	for i, row := range factor {
		side[i] = (side[i] - vec.Dot(row[:i], side)) / row[i]
	}
	for i := len(factor) - 1; i >= 0; i-- {
		side[i] /= factor[i][i]
		for k, v := range factor[i][:i] {
			side[k] -= float64(v * side[i])
		}
	}
}

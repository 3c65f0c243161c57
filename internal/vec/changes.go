package vec

import "math"

// Changes writes by how much each value differs from the one that it was made from, in units of scale: (in-from)/scale.
func Changes(u []float64, in, from []float32, scale []float64) {
	in, u, scale = in[:len(from)], u[:len(from)], scale[:len(from)]
	n := inFours(len(from))
	if n > 0 {
		scaledChange(&u[0], &in[0], &from[0], &scale[0], n)
	}
	for i := n; i < len(from); i++ {
		u[i] = float64(in[i]-from[i]) / scale[i]
	}
}

// ChangeBytes writes the values of from, changed by t times u in units of scale, as the nearest bytes: from+t*u*scale.
func ChangeBytes(out, from []float32, u, scale []float64, t float64) {
	out, u, scale = out[:len(from)], u[:len(from)], scale[:len(from)]
	n := inFours(len(from))
	if n > 0 {
		changedBytes(&out[0], &from[0], &u[0], &scale[0], t, n)
	}
	for i := n; i < len(from); i++ {
		out[i] = nearestByte(float32(float64(from[i]) + float64(float64(t*u[i])*scale[i])))
	}
}

// ClampBytes makes values the nearest bytes, see [ChangeBytes], and those below low, or above high, what these are there. Low and high are bytes, none above the other.
func ClampBytes(values, low, high []float32) {
	low, high = low[:len(values)], high[:len(values)]
	n := inSingles(len(values))
	if n > 0 {
		clampedBytes(&values[0], &low[0], &high[0], n)
	}
	for i := n; i < len(values); i++ {
		values[i] = min(max(nearestByte(values[i]), low[i]), high[i])
	}
}

// BlendBytes writes from, moved by the share t of the way to to, as bytes: the way is cut off to a whole number, a part of waits further, which is from 0 up to 1.
// What has no way to go stays as it is. From and to are bytes, and t is from 0 to 1.
func BlendBytes(out, from, to []float32, waits []float64, t float64) {
	out, to, waits = out[:len(from)], to[:len(from)], waits[:len(from)]
	n := inFours(len(from))
	if n > 0 {
		blendedBytes(&out[0], &from[0], &to[0], &waits[0], t, n)
	}
	for i := n; i < len(from); i++ {
		a := from[i]
		if to[i] == a {
			out[i] = a
			continue
		}
		v := a + float32(math.Floor(float64(t*float64(to[i]-a))+waits[i]))
		out[i] = min(max(v, 0), 255)
	}
}

// nearestByte is the whole number from 0 to 255 that is nearest to v, the upper of two, and 0 for NaN.
func nearestByte(v float32) float32 {
	switch {
	case !(v > 0):
		return 0
	case v >= 255:
		return 255
	}
	return float32(int32(float64(v) + 0.5))
}

// AddScaled adds k times v to dst.
func AddScaled(dst []float64, k float64, v []float64) {
	dst = dst[:len(v)]
	n := inFours(len(v))
	if n > 0 {
		addTimes(&dst[0], &v[0], k, n)
	}
	for i := n; i < len(v); i++ {
		dst[i] += float64(k * v[i])
	}
}

// Sum is the sum of the values: four of every fourth one, which do not wait for each other, and then the sum of these.
func Sum(values []float64) float64 {
	var a, b, c, d float64
	for ; len(values) >= 4; values = values[4:] {
		a += values[0]
		b += values[1]
		c += values[2]
		d += values[3]
	}
	for _, v := range values {
		a += v
	}
	return (a + b) + (c + d)
}

// AddScaledSingles adds k times v to dst.
func AddScaledSingles(dst []float64, k float64, v []float32) {
	dst = dst[:len(v)]
	n := inFours(len(v))
	if n > 0 {
		addTimesSingles(&dst[0], &v[0], k, n)
	}
	for i := n; i < len(v); i++ {
		dst[i] += float64(k * float64(v[i]))
	}
}

// SquaredDifferences is the sum of the squares of a-b.
func SquaredDifferences(a, b []float32) float64 {
	b = b[:len(a)]
	var sum float64
	for i, v := range a {
		d := float64(v) - float64(b[i])
		sum += float64(d * d)
	}
	return sum
}

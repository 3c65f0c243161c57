package vec

// The functions on float64 values, but for blur11, are for an n that is a multiple of [doublesAtOnce] and not 0.

//go:noescape
func addTimes(dst, v *float64, k float64, n int)

//go:noescape
func addTimesSingles(dst *float64, v *float32, k float64, n int)

// sumsOfProducts is for an n that is a multiple of eight and not 0.
//
//go:noescape
func sumsOfProducts(sums *[8]float64, a *float64, b *float32, n int)

//go:noescape
func combine(dst *float64, rows *[]float64, weights *float64, count, n int)

// dots is for an n that is a multiple of [dotLanes].
//
//go:noescape
func dots(sums *[2][dotLanes]float64, a, b, c *float64, n int)

//go:noescape
func affine(dst, src *float32, factor, offset float64, n int)

//go:noescape
func affinePlanes(a, b, c, src *float32, factors, offsets *[24]float64, n int)

//go:noescape
func scaledChange(u *float64, in, from *float32, scale *float64, n int)

//go:noescape
func changedBytes(out, from *float32, u, scale *float64, t float64, n int)

// clampedBytes is for an n that is a multiple of eight and not 0.
//
//go:noescape
func clampedBytes(values, low, high *float32, n int)

//go:noescape
func blendedBytes(out, from, to *float32, waits *float64, t float64, n int)

//go:noescape
func rootsOfShares(dst *float64, of *float32, least float32, n int)

//go:noescape
func quotients(dst *float32, values *float64, by float64, n int)

// divided is for an n that is a multiple of eight and not 0.
//
//go:noescape
func divided(values, by *float32, n int)

//go:noescape
func windowWeights(ofVariance, rest, mean, variance *float64, c1, c2 float64, n int)

//go:noescape
func variances(dst, squares, means *float64, n int)

// corners is for an n of at least 1.
//
//go:noescape
func corners(along *[4][cornerWeights]float64, weights, rest *[cornerWeights]float64, one, other *float64, base, low, high *float32, n int)

//go:noescape
func corner(dst *float32, w, rest float64, one, other *float64, base, low, high *float32, n int)

//go:noescape
func moments(d, squares, products *float64, a, b *float32, n int)

//go:noescape
func products(dst *float64, a, b *float32, n int)

//go:noescape
func losses(shifts, squares, products, mean, variance *float64, c1, c2 float64, n int)

// blur11 is for an n of at least [doublesAtOnce].
//
//go:noescape
func blur11(dst *float64, n int, taps *[widestBlur]*float64, kernel *float64)

// The wide ones are for an n that is a multiple of [wideAtOnce] and not 0 but for wideBlur11, which is for an n of at least that.

//go:noescape
func wideAffinePlanes(a, b, c, src *float32, factors, offsets *[24]float64, n int)

//go:noescape
func wideMoments(d, squares, products *float64, a, b *float32, n int)

//go:noescape
func wideLosses(shifts, squares, products, mean, variance *float64, c1, c2 float64, n int)

//go:noescape
func wideBlur11(dst *float64, n int, taps *[widestBlur]*float64, kernel *float64)

//go:noescape
func addNormals(out, in *float32, normals *float64, sigma float64, n int)

//go:noescape
func multiplyNormals(out, in *float32, normals *float64, factor, sigma float64, n int)

//go:noescape
func hashBlocks(lanes *[hashLanes]uint64, data *byte, blocks int)

// The functions on whole numbers are for an n of at least [wholesAtOnce].

//go:noescape
func wholesOf(to *int32, from *float32, n int)

//go:noescape
func bytesOf(to *byte, from *float32, n int)

//go:noescape
func bytesPlus(to *byte, from *float32, n int, add byte) bool

//go:noescape
func floatsOf(to *float32, from *byte, n int)

//go:noescape
func weighTaps(sums *int32, n int, taps *[7]*int32, weights *[4]int32)

//go:noescape
func bytesOfSums(out *float32, sums *int32, n int, add, factor int32, shift uint64)

// The functions below go through n bytes in src and write as many to dst, each of the window whose upper left corner is
// there: its median or, for sortColumns7, the column below it, in order, to 7 rows. Rows in src, those of sorted columns
// for medians7, are stride bytes apart, and those in dst apart bytes. As they work on [bytesAtOnce], they reach beyond
// what is asked for.

//go:noescape
func medians3(dst, src *byte, n, stride int)

//go:noescape
func medians5(dst, src *byte, n, stride int)

//go:noescape
func sortColumns7(dst, src *byte, n, stride, apart int)

//go:noescape
func medians7(dst, src *byte, n, stride int)

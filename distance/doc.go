// Package distance says how far one input is from another, keeps inputs near their seed, and holds what depends on the kind
// of an input.
//
//   - a [Distance] is L0, L1, L2, L-infinity and, of images, [SSIM]: [DistanceBetween]; a [Ruler] measures many inputs from one seed
//   - an [Aim] says which of two triggers is the nearer one; [MostAlike] goes by the [Similarity] of their kind
//   - a [Bound] keeps candidates near their seed: [LInf], [L2], [L0], [SSIMAtLeast], [AllOf] of them, or one of your own
//   - a [Region] is a bound around one seed; a [Box] and [Roomy] are regions that tell more of themselves
//   - [Traits] are what a kind has of its own: [Define] tells them, and [TraitsOf] asks for those of an input
//   - for strategies: a [Grid] of blocks, and an [Outline], which estimates how like blends are
package distance

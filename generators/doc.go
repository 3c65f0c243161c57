// Package generators is where inputs come from: mutators, which change an input a little, seed sources, which read the
// inputs to start from, and distributions, from which inputs are drawn.
//
//   - sets of mutators: [Published], [Released], [Corruptions]; one by name: [ByName]
//   - mutators of inputs of any shape: noise ([GaussianNoise], [SpeckleNoise], [ShotNoise]), single values ([SaltAndPepper],
//     [ImpulseNoise], [PixelChange]) and light ([Brightness], [Contrast], [Gamma])
//   - mutators of images: blur ([AverageBlur], [GaussianBlur], [MedianBlur], [DefocusBlur], [MotionBlur]), geometry ([Rotation],
//     [Translation], [Scale], [Shear]), compression ([JPEGCompression], [Pixelation]), [Haze], [Occlusion], [Saturation]
//   - seeds from files: [Open], which finds out what a file or folder is; [ImageFolder], [IDX], [CIFAR10], [CIFAR100], [NPY], [NPZ]
//   - seeds from memory: [FromBytes], [FromInputs]
//   - seeds made of other seeds: [First], [Every], [Spread], [Shuffled], [Labelled], [MapClasses], [Resized], [CenterCropped]
//   - distributions: [AsTheyAre], [Corrupted]
//
// Mutators lie in the files mutators_*.go, of which mutators_image_*.go need an image; seed sources in seeds_*.go, of which
// seeds_image_*.go decode images.
//
// # Mutation operators
//
// An operator implements [input.Mutator]. It takes an input of any domain and gives a mutant of
// the same shape and domain, draws all its randomness from the stream it is handed, allocates nothing in
// steady state and may be used by several goroutines at once.
//
// Three sets are ready to use:
//
//   - [Published]: the seven operators of the TriggerFinder paper, rounded and clipped properly,
//     with parameters that do something. The one to choose.
//   - [Released]: the seven operators of the paper's public artefact, with its odd arithmetic, for
//     comparison with its results. On bytes only.
//   - [Corruptions]: natural changes as in the benchmarks ImageNet-C and MNIST-C, each with a severity
//     ([input.SeverityMutator]): light, noise, blur, geometry, compression, haze, occlusion.
//
// [ByName] finds an operator of any of them by the name that stands in histories and reports. Every
// operator can also be made with parameters of one's own, which are checked:
//
//   - noise: its severities are a [Span], given by [Between] or [Exactly] as a fraction of the domain's range
//   - blurs of images with any number of channels: on 8-bit images [AverageBlur], [GaussianBlur] and [MedianBlur] equal OpenCV's
//     functions bit for bit
//   - corruptions, such as [Rotation], [Haze] or [JPEGCompression], whose mutants draw a severity in 0..1 from
//     a [Span]
//
// An operator that needs a certain kind of input implements [input.InputSupporter] too, and copies
// any other input unchanged. [Supporting] leaves out the operators that an input does not fit.
//
// # Seed sources
//
// A source implements [input.Seeds]: it reads one seed at a time and may be used by several
// goroutines at once. What is wrong with a whole source (no such file, a truncated one, labels that
// do not fit) is an error of its constructor; what is wrong with one seed (a damaged image, a value
// outside the domain) is an error of that seed, and the others remain usable.
//
//   - [ImageFolder], [ImageFolderFS]: PNG, JPEG, WebP, BMP, TIFF, GIF and PPM files, flat or in one folder a class
//   - [IDX], [IDXFS]: files in the format of MNIST, plain or gzip
//   - [CIFAR10], [CIFAR100]: the binary versions of these data sets
//   - [NPY], [NPZ]: arrays saved by NumPy
//   - [FromBytes], [FromInputs]: slices
//
// Nothing is converted unless asked for, and what is left out is told: sources carry notes ([input.Noted]), and names of
// classes where they know them ([input.ClassNamer]), which reports and messages show. These take any source and give another one:
//
//   - [First], [Every], [Spread], [Shuffled]: a part, or another order
//   - [Labelled], [WithoutLabels], [MapClasses]: other labels
//   - [WithClassNames]: names for the classes
//   - [Resized], [CenterCropped]: images of another size
//
// # Distributions
//
// A rate of deviations is one under a distribution of inputs ([input.Distribution]), from which inputs are drawn
// independently:
//
//   - [AsTheyAre]: the seeds themselves, with replacement
//   - [Corrupted]: a seed, one of the corruptions and a severity, such as
//     Corrupted(seeds).WithSeverity(Between(0.1, 0.4)).Only("rotation", "haze")
package generators

// Package generators makes inputs. Mutators change an input a little, seed sources read the
// inputs to start from, and distributions are populations from which inputs are drawn.
//
//   - sets of mutators: [Published], the one to choose; [Released], for comparison with the paper's artefact; [Corruptions], with
//     severities; those that are usual for an input's kind: [Usual], [UsualMutators], [Define]; one by the name that stands in histories: [ByName]; those that an input fits: [Supporting];
//     for one part of a set: [On]
//   - mutators of inputs of any shape: noise ([GaussianNoise], [SpeckleNoise], [ShotNoise]), single values ([SaltAndPepper],
//     [ImpulseNoise], [PixelChange]) and light ([Brightness], [Contrast], [Gamma]); severities are a [Span]
//   - mutators of images: blur ([AverageBlur], [GaussianBlur], [MedianBlur], [DefocusBlur], [MotionBlur]), geometry ([Rotation],
//     [Translation], [Scale], [Shear]), compression ([JPEGCompression], [Pixelation]), [Haze], [Occlusion], [Saturation]
//   - seeds from files: [Open], which finds out what a file or folder is; [ImageFolder], [IDX], [CIFAR10], [CIFAR100], [NPY], [NPZ],
//     [JSONLines]
//   - seeds and mutators of sounds, tables and texts: the packages signal, table and tokens below this one
//   - seeds from memory: [FromBytes], [FromInputs], [FromRows]
//   - seeds made of other seeds: [First], [Every], [Spread], [Shuffled], [Labelled], [WithoutLabels], [MapClasses],
//     [WithClassNames], [ResizedShort], [CenterCropped], [Letterboxed], [Resized]
//   - distributions: [AsTheyAre], [Corrupted]
//
// If a whole source is wrong (no such file, a truncated one, labels that do not fit), its constructor returns an error. If
// one seed is wrong (a damaged image, a value outside the domain), the error belongs to that seed, and the others remain usable.
// Nothing is converted unless you ask for it, and notes say what is left out ([input.Noted]). Mutators copy inputs that they
// cannot change; [input.InputSupporter] says which these are.
package generators

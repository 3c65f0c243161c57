// Package zoo carries the 18 compressed models of the study of TriggerFinder (arXiv 2112.02819), trained anew: eight
// pairs for MNIST and ten for CIFAR-10. cards/ says of each pair what both models achieve, training/ how they were made.
//
// Models take float32 images in NCHW order, (x/255 - mean) / std by channel as [Pair] says, and give probabilities.
package zoo

import "embed"

// Models holds the ONNX files, in the folder models. An original is named after its network (lenet5.onnx), its
// compressed versions after how they were made (lenet5-int8.onnx).
//
//go:embed models/*.onnx
var Models embed.FS

// Package zoo carries the 18 compressed models of the study of TriggerFinder (arXiv 2112.02819), trained anew: eight
// pairs for MNIST and ten for CIFAR-10. cards/ says of each pair what both models achieve, training/ how they were made.
//
// Models take float32 images in NCHW order, (x/255 - mean) / std by channel as [Pair] says, and give probabilities.
package zoo

import "embed"

// Models holds the files, in the folder models. An original is named after its network (lenet5.onnx), its
// compressed versions after how they were made (lenet5-int8.onnx). ResNet-20 is there for LiteRT too: resnet20.tflite, resnet20-int8.tflite.
//
//go:embed models/*.onnx models/*.tflite
var Models embed.FS

// Package oip makes predictors of models behind an endpoint: any server of the Open Inference Protocol, version 2, such as KServe, Triton,
// MLServer, OpenVINO Model Server and TorchServe.
//
//	shipped, err := oip.Open("inference.example.com:443", "classifier", oip.TLS(nil), oip.Token(token), oip.Scale(1.0/255))
//
// asks by gRPC with raw tensors; the server's metadata tell names, types and shapes. Either side of a pair may be such a model:
//
//	original, err := onnx.Open("classifier.onnx", onnx.Scale(1.0/255))
//	pair, err := model.NewPair("", original, shipped)
//
// and [OpenPair] opens two models, or two versions of one, of the same server.
//
// What stands in no metadata is said by options; see
//
//   - [Option]: which preprocessing a model wants, and options for one model of a pair
//   - [Model]: what is sent, how batches go, and what is tried first
//   - [Protocol]: gRPC or REST
//   - [Scores]: how outputs are read
package oip

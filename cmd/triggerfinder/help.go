package main

const modelHelp = `
What a model is
  FILE.onnx             an ONNX file, run by ONNX Runtime
  FILE.tflite           a LiteRT file, run by LiteRT
  "process:COMMAND"     a program, which speaks the protocol of docs/process-protocol.md:
                        "process:python3 server.py model.onnx". No shell reads the command; quotes work.
  grpc://HOST:PORT/NAME, http://HOST:PORT/v2/models/NAME
                        a model of a server of the Open Inference Protocol (KServe, Triton, MLServer …); a
                        version of it by /versions/V at the end; grpcs:// and https:// with TLS. The program
                        triggerfinder-oip asks it: see docs/commandline.md

Models (model input = (x * scale - mean) / std, where x is a value of the seed, such as a pixel of 0..255)
  --preset PRESET       how models of a training pipeline see images, for the models and the seeds at once:
                        torchvision:256,224[,bicubic], keras:224,MODE (tf, caffe, torch or raw), tflite:224 or
                        yolo:640; the flags below win over its numbers
  --scale LIST          one number or one a channel, such as 1/255
  --mean LIST           after the scale, such as 0.485,0.456,0.406
  --std LIST            such as 0.229,0.224,0.225
  --layout NCHW|NHWC    where the shape of the input leaves it open
  --channels RGB|BGR    what the model takes; seeds are RGB (default RGB)
  --grey-to-rgb         repeat the channel of grey seeds
  --quantized-input S,Z, --quantized-output S,Z
                        scale and zero point of an integer model that does not carry them
  --output NAME         which output holds the scores
  --output-as LIST      other names for outputs of raw numbers, those of the other model: Identity:0=boxes
  --scores KIND         logits, probabilities, log-probabilities or raw (default: found out)
  --class-order LIST    the number in the model's output of each class, such as 0,2,1 (default: as they are)
  --fixed LIST          numbers for inputs of the models that are not searched, such as sr=16000,state=0;
                        a whole tensor as state=0:1:0
  --feed LIST           which part of the seeds an input takes, where their names differ: input_ids=ids
  --made LIST           inputs that are made of the tokens of another one: attention_mask=mask (1 for the
                        tokens of the text, 0 for padding), lengths=length (how many they are)
  --provider NAME[,KEY=VALUE…]
                        what runs the models: cpu (the default), cuda, tensorrt, openvino, directml, coreml …,
                        with settings of its own, such as cuda,device_id=0
  --no-fallback         nodes that the provider leaves to the CPU are an error; of ONNX, as is --provider
  --gradients           searches within a bound are led by the models' gradients, where their graphs
                        have them (twice the memory); of ONNX
  --exact-products      8-bit products do not saturate on x86 processors without VNNI (slower there); of ONNX
  --signature KEY       which signature of a .tflite file, where it has several
  --timeout T           time that a program or an endpoint has for an answer, such as 10s (default 1m)
  --original.X, --compressed.X
                        any flag X of the above for one of the two models
  --threads N           threads of one prediction (default 1), of files
  --pair NAME           name of the pair, and of its folder (default: the names of both models)
`

const oracleHelp = `  --min-confidence P    the original gives its label a score of at least P
  --min-gap G           the compressed model gives that label a score that is lower by at least G
  --label-only          judge by labels, and show the search no scores
  --tolerance M         judge by the numbers, which may be apart by absolute=0.5, by relative=0.01 (a share of
                        the original's; "relative=0.01 from 2 on" takes smaller ones for 2) or, for vectors,
                        by cosine=0.1
  --tolerance-of LIST   the outputs that it is about, such as boxes,scores (default: all)
  --oracle ORACLE       judge by another oracle, with values and options by comma; of:NAME is the output that
                        it reads, where there are several:
                        threshold=0.5 or threshold=300,500,apart:10 (a number crosses one of them)
                        labels=0.5, labels=0.5,0.3,0.7 or labels=0.5,logits (one of several labels flips)
                        nearest=gallery.npz,key:K,labels:K,by:l2 (another entry, or label, of a gallery of
                        vectors is nearest; nearest=FOLDER,inputs has each model make the vectors)
                        same=0.4,in:known.npz,names:FILE (the same as what is known, or not)
                        ctc=blank:0,alphabet:FILE,edits:1, sequence=ends:2 or next-token (texts)
                        detection=score:0.5,iou:0.5 (boxes; also with a layout, such as detection=yolov8,
                        nms:0.45, faint:0.3, and fit:centre,input:640x640 where pictures were resized)
                        segmentation=share:0.01 or segmentation=iou:0.8 (labels of pixels)
`

const searchHelp = `triggerfinder search --original MODEL --compressed MODEL --seeds PATH [flags]

Searches around seeds for inputs to which the two models give different labels.
Exit code: 0 nothing found, 1 a deviation found, 2 an error.

  --original MODEL      the original model
  --compressed MODEL    its compressed version
  --converted MODEL     the original as it was converted on the way to the compressed model: each trigger is
                        traced to the step that causes it, conversion or compression; --converted.X is a flag
                        about this model, which is opened as the original otherwise
  --seeds PATH          a folder of images (PNG, JPEG, WebP, BMP, TIFF, GIF, PPM) or of WAV files, flat or
                        with a folder a class, or a file: NPY, NPZ, IDX (also .gz), CIFAR (.bin), WAV, CSV,
                        JSON lines (.jsonl), text (.txt); with --tokens any file, or a folder of files
` + modelHelp + `
Seeds
  --n N                 take N (default 500): of seeds sorted by class, as in folders, one of each class in
                        turn; of others, the first
  --in-order            take the first N, whatever their classes
  --shuffle             in a random order
  --resize N[,bicubic]  scale images until their short side has N pixels, as torchvision's Resize (bilinear
                        unless bicubic is said); WxH stretches them to this size, which models are seldom
                        trained on
  --crop N or WxH       then take the middle N x N pixels, as torchvision's CenterCrop
  --letterbox N or WxH  or fit images into N x N pixels with grey around them, as YOLO of Ultralytics
  --upright             turn images as their EXIF orientation says, as OpenCV does (default: as they are
                        stored, as Pillow and torchvision do)
  --labels FILE         true classes: NPY (numbers or one-hot), IDX, or text with one a line
  --no-labels           take no true classes, not those of folders either
  --class-map FILE      which label of the models a class folder is: text with "folder,label" or a folder a
                        line, or JSON such as imagenet_class_index.json
  --numeric-order       labels of class folders by the numbers in their names (default: by the alphabet, as
                        torchvision does)
  --empty-classes       folders without images are classes too
  --key NAME            which array of an NPZ file, or which field of JSON lines
  --parts LIST          several arrays of it, as parts for models with several inputs: those that are
                        searched; --domain and --kind are about the only one of them
  --fixed-parts LIST    and those that stay as they are
  --label-key NAME      which array of it, field of JSON lines or column of a CSV file holds the true
                        classes; names are numbered as in --class-names, else by the alphabet
  --domain MIN,MAX[,STEP]
                        values of an array that is neither uint8 nor bool
  --kind KIND           what an array holds: image, signal, row, tokens, other or a kind of your own
                        (default: bytes with the shape of an image are images)
  --rate HZ             the sampling rate that WAV files have to have; nothing is resampled
  --mono                mix their channels down to one
  --length N            cut or pad sounds to N samples, texts and files to N tokens
  --columns LIST        what is known of columns of a CSV file, such as age=0:99:1,sex=category,hue=red|green,
                        income=number?0 where empty cells are read as 0 (default: as in the data)
  --without LIST        columns that are left out
  --tokens b|b+N        each line of a text file, text of JSON lines, or file of another ending is a seed of
                        bytes, where byte 0 is the token N (default 0)
  --vocabulary SIZE[,pad=T][,special=T:T][,end=T]
                        how many tokens there are, and which are padding, stay as they are, and end a text;
                        without --tokens, of an array of tokens

What counts
  --caused-by LIST      what a step of these is to blame for, with --converted: conversion, compression,
                        no-step-alone (default: any); the search goes on behind others
  --within BOUND        near a seed only: linf=8, l2=300, l0=20 (raw units), ssim=0.9, or several by comma
` + oracleHelp + `
Search
  --strategy NAME       boundary, triggerfinder, diffchaser, random or square (default boundary)
  --mode MODE           of triggerfinder: published or released (default published)
  --aim AIM             what is near: ssim, l2, linf or l0 (default ssim)
  --budget N            queries a seed (default 1000)
  --closing N           queries a seed to bring its first trigger nearer (boundary: the rest of the budget;
                        others: 0, which ends a seed at its first trigger)
  --time T              time of the whole search, such as 60s (default: no limit)
  --stop-after N        end after N triggers (default 0: search every seed)
  --skipped-at-most P   share of the seeds that may be skipped, from 0 to 1 (default 0.1); more are an error
  --random-seed N       source of all randomness (default 0)
  --workers N           batches under way at once (default: one a processor)
  --batch N             inputs in a batch (default 32)
  --window N            seeds searched side by side, at most (default 64)
  --memory SIZE         what these may take, such as 2GiB (default 512MiB): fewer large inputs are searched
                        side by side
  --allow-identical     accept models that give the same scores for everything, as a graph optimiser's should
  --shard I/N           search the I-th of N parts of the seeds only, without --time and --stop-after; the
                        results of --json are for triggerfinder merge. "auto" takes the shard that Bazel,
                        an Indexed Job of Kubernetes (with TRIGGERFINDER_SHARDS) or TRIGGERFINDER_SHARD says

Results
  --out DIR             save triggers, pictures and a report
  --save N|all          how many triggers to save (default 20)
  --json FILE           write the result for programs; - is the standard output
  --evidence FILE       write what a later release is compared with, in Go: DeviateNoMoreThan(FILE)
  --class-names NAMES   by comma, or a file with one a line, one a class (default: those of the seeds)
  --quiet               print errors only
`

const mergeHelp = `triggerfinder merge FILE… [flags]

Puts the results of all shards of a search together, in any order, which the command search wrote: see
its flags for shards and JSON. The result is that of the same search in one piece.
Exit code: 0 nothing found, 1 a deviation found, 2 an error, such as a shard that is missing.

  --json FILE           write the result for programs; - is the standard output
  --evidence FILE       write what a later release is compared with, in Go: DeviateNoMoreThan(FILE)
  --class-names NAMES   by comma, or a file with one a line
  --quiet               print errors only
`

const replayHelp = `triggerfinder replay DIR [flags]

Runs saved triggers again and prints of each whether it still deviates. DIR is the folder of a trigger, of
a pair's triggers or of all pairs. Triggers outside the bound, and those that were none by this oracle when
they were saved, are counted apart.
Exit code: 0 all judged ones are healed or waived, 1 a trigger still deviates, 2 an error, or none was judged.

  --original MODEL      the original model (default: that of the search, if a file has the same content)
  --compressed MODEL    its compressed version (default: as above)
  --converted MODEL     the model in between: tells which step causes each trigger; --converted.X as in search
` + modelHelp + `  The default is what the search used, where its report lies beside the triggers.

What counts
  --caused-by LIST      judge what a step of these is to blame for: conversion, compression, no-step-alone
  --within BOUND        judge those near their seed only: linf=8, l2=300, l0=20 (raw units), ssim=0.9
` + oracleHelp + `  --waivers FILE        triggers that somebody accepts; waivers that expired or that nothing needs are errors

Results
  --class-names NAMES   by comma, or a file with one a line
  --quiet               print errors only
`

const minimizeHelp = `triggerfinder minimize DIR [flags]

Makes saved triggers smaller: as few changed values, and as near to the seed, as the deviation allows. DIR is
the folder of a trigger or of a pair's triggers. Each smaller one is saved as a new trigger beside the old
one; none is changed or removed. Those that were minimised before are left alone, unless DIR is one of them.
Exit code: 0 done, 2 an error.

  --original MODEL      the original model (default: that of the search, if a file has the same content)
  --compressed MODEL    its compressed version (default: as above)
` + modelHelp + `  The default is what the search used, where its report lies beside the triggers.

What counts
  --within BOUND        as in the search: linf=8, l2=300, l0=20 (raw units), ssim=0.9, or several by comma
` + oracleHelp + `  --any-deviation       both models may give other labels than before

Minimisation
  --aim AIM             the distance that may not grow: ssim, l2, linf or l0 (default ssim)
  --budget N            queries a trigger (default 500)

Results
  --class-names NAMES   by comma, or a file with one a line
  --quiet               print errors only
`

const layersHelp = `triggerfinder layers --triggers DIR [flags]

Finds which quantised nodes are to blame for saved triggers: the smallest list of nodes that heals them
when they compute in float again, to be left out when the model is quantised (nodes_to_exclude). It takes
models that onnxruntime quantised, in the forms QDQ, QOperator and dynamic, and those of TensorFlow Lite that
tf2onnx converted. Before that it runs the triggers with graph optimisation off, and without saturation where
8-bit products saturate: what vanishes then is no layer's fault.
Exit code: 0 a list was found, 1 there is none, as the triggers deviate with all nodes in float too or
all vanish under another setting of the runtime, 2 an error.

  --triggers DIR        the folder of a pair's triggers, or of one
  --original FILE       the model that was quantised (default: the file of the search, as with replay)
  --compressed FILE     its quantised version (default: as above)
` + modelHelp + `  The default is what the search used, where its report lies beside the triggers.

What is wanted
  --share S             the least share of the triggers that the list heals (default 1)
  --evaluations N       how many sets of nodes are tried at most (default 500)

What counts
` + oracleHelp + `
Results
  --json FILE           write the result for programs; - is the standard output
  --quiet               print errors only
`

const exportHelp = `triggerfinder export DIR --out FILE [flags]

Writes saved triggers as one data set for training and calibration: an NPZ file, which NumPy reads. DIR is the
folder of a pair's triggers, or of one. The arrays are inputs and seeds (as the models got them, before their
preprocessing: raw units, N first), original_outputs and compressed_outputs, original_labels,
compressed_labels, true_labels (-1: not known) and seed_index.
Exit code: 0 written, 2 an error.

  --out FILE            the file, in place of an earlier one
  --quiet               print errors only
`

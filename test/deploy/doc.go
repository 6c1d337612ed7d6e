// Package deploy checks the image, the compose file, the manifests, the Helm values and the
// workflows. It is a module of its own, because the checkers need many more modules than the input.
package deploy

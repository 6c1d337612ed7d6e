// Package deploy checks what runs the input: images, compose file, manifests, Helm values and
// workflows. It is a module of its own, because the checkers need far more than the input does.
package deploy

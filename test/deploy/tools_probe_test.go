package deploy
import (
 _ "github.com/compose-spec/compose-go/v2/cli"
 _ "github.com/moby/buildkit/frontend/dockerfile/parser"
 _ "github.com/moby/buildkit/frontend/dockerfile/instructions"
 _ "k8s.io/api/apps/v1"
 _ "k8s.io/api/core/v1"
 _ "k8s.io/api/networking/v1"
 _ "sigs.k8s.io/kustomize/api/krusty"
 _ "sigs.k8s.io/kustomize/kyaml/filesys"
 _ "sigs.k8s.io/yaml"
)

#define _GNU_SOURCE
#include "fluentbit.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

/* Fluent Bit's metrics, cmetrics (lib/cmetrics/include/cmetrics/cmt_counter.h and cmt_gauge.h), the same from 2.0.14 to 5.1.1. The host owns
 * what is created here and frees it with the instance. */
typedef void *(*create_metric)(void *, char *, char *, char *, char *, int, char **);
typedef int (*set_metric)(void *, uint64_t, double, int, char **);

static void *find(int counter, const char *of_counter, const char *of_gauge)
{
    return dlsym(RTLD_DEFAULT, counter ? of_counter : of_gauge);
}

/* NULL when the host has no metrics. Each has the label name, for the instance, and maybe a second one. */
void *host_metric_create(struct host *h, int counter, char *name, char *help, char *label)
{
    create_metric create = (create_metric) find(counter, "cmt_counter_create", "cmt_gauge_create");
    char *labels[] = {"name", label};

    if (create == NULL || h->metrics == NULL) {
        return NULL;
    }
    return create(h->metrics, "fluentbit", "confluence", name, help, label == NULL ? 1 : 2, labels);
}

/* A new value of the second label may only come while the host looks at no metrics: as it starts the instance, or on its main thread. */
void host_metric_set(struct host *h, void *metric, int counter, double value, char *label)
{
    set_metric set = (set_metric) find(counter, "cmt_counter_set", "cmt_gauge_set");
    char *labels[] = {(char *) host_instance_name(h), label};
    struct timespec now;

    if (set == NULL || metric == NULL || labels[0] == NULL) {
        return;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    set(metric, (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec, value, label == NULL ? 1 : 2, labels);
}

#define _GNU_SOURCE
#include "fluentbit.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

/* Functions of Fluent Bit's metrics library, cmetrics (lib/cmetrics/include/cmetrics/cmt_counter.h,
 * cmt_gauge.h and cmt_histogram.h). They are the same from 2.0.14 to 5.1.1. The host owns what is
 * created here and frees it with the instance. */
typedef void *(*create_metric)(void *, char *, char *, char *, char *, int, char **);
typedef int (*set_metric)(void *, uint64_t, double, int, char **);
typedef void *(*create_buckets)(double *, size_t);
typedef void *(*create_histogram)(void *, char *, char *, char *, char *, void *, int, char **);
typedef int (*set_histogram)(void *, uint64_t, uint64_t *, double, uint64_t, int, char **);

static void *find(int counter, const char *of_counter, const char *of_gauge)
{
    return dlsym(RTLD_DEFAULT, counter ? of_counter : of_gauge);
}

static uint64_t clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

/* NULL when the host has no metrics. Each metric has the label `name`, which is the instance, and
 * label unless that is NULL. */
void *host_metric_create(struct host *h, int counter, char *name, char *help, char *label)
{
    create_metric create = (create_metric) find(counter, "cmt_counter_create", "cmt_gauge_create");
    char *labels[] = {"name", label};

    if (create == NULL || h->metrics == NULL) {
        return NULL;
    }
    return create(h->metrics, "fluentbit", "confluence", name, help, label == NULL ? 1 : 2, labels);
}

/* NULL when the host has no metrics. The only label is `name`, which is the instance. */
void *host_histogram_create(struct host *h, char *name, char *help, double *bounds, size_t n)
{
    create_buckets buckets = (create_buckets) dlsym(RTLD_DEFAULT, "cmt_histogram_buckets_create_size");
    create_histogram create = (create_histogram) dlsym(RTLD_DEFAULT, "cmt_histogram_create");
    char *labels[] = {"name"};
    void *of;

    if (buckets == NULL || create == NULL || h->metrics == NULL || (of = buckets(bounds, n)) == NULL) {
        return NULL;
    }
    return create(h->metrics, "fluentbit", "confluence", name, help, of, 1, labels);
}

/* at_most has one element more than there are bounds. */
void host_histogram_set(struct host *h, void *metric, uint64_t *at_most, double sum, uint64_t count)
{
    set_histogram set = (set_histogram) dlsym(RTLD_DEFAULT, "cmt_histogram_set_default");
    char *labels[] = {(char *) host_instance_name(h)};

    if (set == NULL || metric == NULL || labels[0] == NULL) {
        return;
    }
    set(metric, clock_now(), at_most, sum, count, 1, labels);
}

/* A new value of the second label may only be set while the host does not read metrics: while it
 * starts the instance, or on its main thread. */
void host_metric_set(struct host *h, void *metric, int counter, double value, char *label)
{
    set_metric set = (set_metric) find(counter, "cmt_counter_set", "cmt_gauge_set");
    char *labels[] = {(char *) host_instance_name(h), label};

    if (set == NULL || metric == NULL || labels[0] == NULL) {
        return;
    }
    set(metric, clock_now(), value, label == NULL ? 1 : 2, labels);
}

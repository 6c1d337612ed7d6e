/* The thread of an input. Fluent Bit calls everything of one instance on it, from Init to Exit. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

struct job {
    struct job *next;
    void (*run)(void *);
    void *argument;
};

struct worker {
    pthread_t thread;
    char name[16]; /* the kernel keeps 15 characters */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job *first, **last;
    size_t unfinished; /* queued or running */
    bool ending;
};

static void *work(void *argument) {
    struct worker *worker = argument;
    pthread_setname_np(pthread_self(), worker->name);
    pthread_mutex_lock(&worker->lock);
    for (;;) {
        while (worker->first == NULL && !worker->ending)
            pthread_cond_wait(&worker->changed, &worker->lock);
        struct job *job = worker->first;
        if (job == NULL)
            break;
        if ((worker->first = job->next) == NULL)
            worker->last = &worker->first;
        pthread_mutex_unlock(&worker->lock);
        job->run(job->argument);
        free(job);
        pthread_mutex_lock(&worker->lock);
        worker->unfinished--;
        pthread_cond_broadcast(&worker->changed);
    }
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

struct worker *worker_start(const char *name) {
    struct worker *worker = allocate(sizeof *worker);
    strncpy(worker->name, name, sizeof worker->name - 1);
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->changed, NULL);
    worker->last = &worker->first;
    int error = pthread_create(&worker->thread, NULL, work, worker);
    if (error != 0)
        die(EXIT_INIT, "[testhost] start thread %s: %s", name, strerror(error));
    return worker;
}

void worker_post(struct worker *worker, void (*run)(void *), void *argument) {
    struct job *job = allocate(sizeof *job);
    job->run = run;
    job->argument = argument;
    pthread_mutex_lock(&worker->lock);
    *worker->last = job;
    worker->last = &job->next;
    worker->unfinished++;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

/* Only the main thread posts jobs, so when none is unfinished, this one is done too. */
void worker_call(struct worker *worker, void (*run)(void *), void *argument) {
    worker_post(worker, run, argument);
    pthread_mutex_lock(&worker->lock);
    while (worker->unfinished > 0)
        pthread_cond_wait(&worker->changed, &worker->lock);
    pthread_mutex_unlock(&worker->lock);
}

void worker_join(struct worker *worker) {
    pthread_mutex_lock(&worker->lock);
    worker->ending = true;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
}

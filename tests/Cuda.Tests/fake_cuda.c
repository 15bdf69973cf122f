/* Stands in for NVIDIA's driver in tests: device memory is host memory, every call is appended to a log that the test reads,
   and the "kernel" named fault makes the next synchronisation fail as a real fault does. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char log_text[1 << 20];
static size_t log_end;
static int pending_fault, context_current, capturing;
static int64_t memory_left = 1 << 20;
static unsigned char last_parameters[4096];
static size_t last_parameter_bytes;

static void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_end += vsnprintf(log_text + log_end, sizeof log_text - log_end, format, arguments);
    va_end(arguments);
    if (log_end > sizeof log_text - 256) log_end = 0;
}

const char *fake_log(void) { return log_text; }
void fake_clear(void) { log_end = 0; log_text[0] = 0; pending_fault = 0; }
size_t fake_parameters(unsigned char *into) { memcpy(into, last_parameters, last_parameter_bytes); return last_parameter_bytes; }

static int init(unsigned flags) { say("init %u\n", flags); return 0; }
static int driver_version(int *v) { *v = 12040; return 0; }
static int error_name(int e, const char **s) { *s = e == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS" : e == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_UNKNOWN"; return 0; }
static int error_string(int e, const char **s) { *s = e == 700 ? "an illegal memory access was encountered" : "unknown"; return 0; }
static int device_count(int *n) { *n = 1; return 0; }
static int device_get(int *d, int ordinal) { *d = ordinal; return 0; }
static int device_name(char *s, int n, int d) { (void)d; snprintf(s, n, "Fake H200"); return 0; }
static int device_attribute(int *v, int a, int d) { (void)d; *v = a == 16 ? 132 : a == 75 ? 9 : a == 76 ? 0 : a == 97 ? 232448 : a == 115 ? 1 : -1; return *v < 0 ? 1 : 0; }
static int primary_retain(void **c, int d) { (void)d; say("retain\n"); *c = (void *)0x1000; return 0; }
static int primary_release(int d) { (void)d; say("release\n"); return 0; }
static int set_current(void *c) { context_current = c == (void *)0x1000; return 0; }
static int stream_create(void **s, unsigned flags) { say("stream %u\n", flags); *s = (void *)0x2000; return 0; }
static int stream_destroy(void *s) { (void)s; say("stream destroyed\n"); return 0; }
static int stream_synchronize(void *s) { if (s != (void *)0x2000) return 400; if (pending_fault) return 700; say("sync\n"); return 0; }
static int mem_alloc(uint64_t *p, size_t n)
{
    if (!context_current) return 201;
    if ((int64_t)n > memory_left) return 2;
    *p = (uint64_t)aligned_alloc(256, (n + 255) / 256 * 256);
    say("alloc %zu\n", n);
    return 0;
}
static int mem_free(uint64_t p) { free((void *)p); say("free\n"); return 0; }
static int mem_info(size_t *f, size_t *t) { *f = memory_left; *t = 2 << 20; return 0; }
static int h2d(uint64_t d, const void *s, size_t n, void *st) { (void)st; memcpy((void *)d, s, n); say("h2d %zu\n", n); return 0; }
static int d2h(void *d, uint64_t s, size_t n, void *st) { (void)st; memcpy(d, (void *)s, n); say("d2h %zu\n", n); return 0; }
static int d2d(uint64_t d, uint64_t s, size_t n, void *st) { (void)st; memmove((void *)d, (void *)s, n); say("d2d %zu\n", n); return 0; }
static int fill(uint64_t d, unsigned char v, size_t n, void *st) { (void)st; memset((void *)d, v, n); say("fill %zu\n", n); return 0; }
static int module_load(void **m, const void *image, unsigned n, int *options, void **values)
{
    if (n != 5 || options[0] != 3 || options[1] != 4 || options[2] != 5 || options[3] != 6 || options[4] != 12 || (size_t)values[4] != 1) return 1;
    if (strstr(image, "reject_me")) { snprintf(values[2], (size_t)values[3], "ptxas error: line 7; rejected"); return 218; }
    snprintf(values[0], (size_t)values[1], "info: used 12 registers");
    *m = strdup(image);
    say("module\n");
    return 0;
}
static int module_unload(void *m) { free(m); say("unload\n"); return 0; }
static int module_function(void **f, void *m, const char *name) { if (!strstr(m, name)) return 500; *f = strdup(name); return 0; }
static int function_attribute(int *v, int a, void *f) { (void)f; *v = a == 1 ? 128 : -1; return 0; }
static int set_function_attribute(void *f, int a, int v) { say("attribute %s %d %d\n", (char *)f, a, v); return 0; }
static int launch(void *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void *stream, void **params, void **extra)
{
    if (!context_current || params || stream != (void *)0x2000) return 1;
    if (extra[0] != (void *)1 || extra[2] != (void *)2 || extra[4] != 0) return 1;
    last_parameter_bytes = *(size_t *)extra[3];
    memcpy(last_parameters, extra[1], last_parameter_bytes);
    say("launch %s %ux%ux%u %ux%ux%u %u\n", (char *)f, gx, gy, gz, bx, by, bz, shared);
    if (!strcmp(f, "fault")) pending_fault = 1;
    return 0;
}

static int get_pool(void **p, int d) { (void)d; *p = (void *)0x3000; return 0; }
static int pool_attribute(void *p, int a, uint64_t *v) { say("pool attribute %d %d\n", a, *v == UINT64_MAX); return p == (void *)0x3000 ? 0 : 1; }
static int pool_trim(void *p, size_t keep) { say("trim %zu\n", keep); return p == (void *)0x3000 ? 0 : 1; }
static int alloc_async(uint64_t *p, size_t n, void *s) { return s == (void *)0x2000 ? mem_alloc(p, n) : 1; }
static int free_async(uint64_t p, void *s) { return s == (void *)0x2000 ? mem_free(p) : 1; }
static int event_create(void **e, unsigned flags) { *e = malloc(1); return flags; }
static int event_destroy(void *e) { free(e); return 0; }
static int event_record(void *e, void *s) { (void)e; say("event\n"); return s == (void *)0x2000 ? 0 : 1; }
static int event_synchronize(void *e) { (void)e; return pending_fault ? 700 : 0; }
static int event_elapsed(float *ms, void *a, void *b) { (void)a; (void)b; *ms = 2.5f; return 0; }
static int begin_capture(void *s, int mode) { if (s != (void *)0x2000 || mode != 1 || capturing) return 1; capturing = 1; say("capture\n"); return 0; }
static int end_capture(void *s, void **g) { (void)s; if (!capturing) return 1; capturing = 0; *g = (void *)0x4000; say("captured\n"); return 0; }
static int instantiate(void **e, void *g, uint64_t flags) { *e = (void *)0x5000; say("instantiate\n"); return g == (void *)0x4000 && flags == 0 ? 0 : 1; }
static int graph_launch(void *e, void *s) { say("graph\n"); return e == (void *)0x5000 && s == (void *)0x2000 ? 0 : 1; }
static int graph_destroy(void *g) { say("graph destroyed\n"); return g == (void *)0x4000 ? 0 : 1; }
static int exec_destroy(void *e) { say("exec destroyed\n"); return e == (void *)0x5000 ? 0 : 1; }

static const struct { const char *name; void *function; } table[] = {
    { "cuInit", init }, { "cuDriverGetVersion", driver_version }, { "cuGetErrorName", error_name }, { "cuGetErrorString", error_string },
    { "cuDeviceGetCount", device_count }, { "cuDeviceGet", device_get }, { "cuDeviceGetName", device_name }, { "cuDeviceGetAttribute", device_attribute },
    { "cuDevicePrimaryCtxRetain", primary_retain }, { "cuDevicePrimaryCtxRelease", primary_release }, { "cuCtxSetCurrent", set_current },
    { "cuStreamCreate", stream_create }, { "cuStreamDestroy", stream_destroy }, { "cuStreamSynchronize", stream_synchronize },
    { "cuMemAlloc", mem_alloc }, { "cuMemFree", mem_free }, { "cuMemGetInfo", mem_info },
    { "cuMemcpyHtoDAsync", h2d }, { "cuMemcpyDtoHAsync", d2h }, { "cuMemcpyDtoDAsync", d2d }, { "cuMemsetD8Async", fill },
    { "cuModuleLoadDataEx", module_load }, { "cuModuleUnload", module_unload }, { "cuModuleGetFunction", module_function },
    { "cuFuncGetAttribute", function_attribute }, { "cuFuncSetAttribute", set_function_attribute }, { "cuLaunchKernel", launch },
    { "cuDeviceGetDefaultMemPool", get_pool }, { "cuMemPoolSetAttribute", pool_attribute }, { "cuMemPoolTrimTo", pool_trim },
    { "cuMemAllocAsync", alloc_async }, { "cuMemFreeAsync", free_async },
    { "cuEventCreate", event_create }, { "cuEventDestroy", event_destroy }, { "cuEventRecord", event_record },
    { "cuEventSynchronize", event_synchronize }, { "cuEventElapsedTime", event_elapsed },
    { "cuStreamBeginCapture", begin_capture }, { "cuStreamEndCapture", end_capture }, { "cuGraphInstantiate", instantiate },
    { "cuGraphLaunch", graph_launch }, { "cuGraphDestroy", graph_destroy }, { "cuGraphExecDestroy", exec_destroy },
};

int cuGetProcAddress_v2(const char *name, void **function, int version, uint64_t flags, int *status)
{
    if (version != 12000 || flags != 0) return 1;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(table[i].name, name)) { *function = table[i].function; *status = 0; return 0; }
    *function = 0;
    *status = 1;
    return 0;
}

/* A stand-in for NVIDIA's libnvidia-ml.so.1, to be driven by the real nvidia-ml-py.
 *
 * What it answers stands in the file that NVML_STATE names, read anew at each call, one "key number" a line:
 *   devices 2            how many devices there are
 *   0.gpu 37             a value of device 0; a value that is not there is NOT_SUPPORTED
 *   0.error 15           every call about device 0 fails so
 *   init.error 9         so does opening the library
 *   hang 1               every call about a device waits until this is taken away
 *   without.NAME 1       the library lacks a function, as an older driver does: it answers FUNCTION_NOT_FOUND
 * Every call is noted in the file that NVML_LOG names, as "NAME device" (-1: about none).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long long u64;
enum { SUCCESS = 0, INVALID = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, FUNCTION_NOT_FOUND = 13 };
#define BUS(device) (0x01 + (device))

static int look(const char *key, u64 *value) {
    const char *path = getenv("NVML_STATE");
    FILE *file = path ? fopen(path, "r") : NULL;
    char word[128];
    u64 number;
    int found = 0;
    if (!file) return 0;
    while (fscanf(file, "%127s %llu", word, &number) == 2)
        if (!strcmp(word, key)) { *value = number; found = 1; }
    fclose(file);
    return found;
}

static void note(const char *name, int device) {
    const char *path = getenv("NVML_LOG");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!file) return;
    fprintf(file, "%s %d\n", name, device);
    fclose(file);
}

static int begin(const char *name, int device) {
    char key[128];
    u64 value = 0;
    note(name, device);
    snprintf(key, sizeof key, "without.%s", name);
    if (look(key, &value) && value) return FUNCTION_NOT_FOUND;
    for (int turns = 0; device >= 0 && turns < 3000 && look("hang", &value) && value; turns++) usleep(20000);
    snprintf(key, sizeof key, "%d.error", device);
    return device >= 0 && look(key, &value) ? (int)value : SUCCESS;
}

static int device_of(void *handle) { return (int)(size_t)handle - 1; }

static int get(const char *name, void *handle, const char *field, u64 *value) {
    char key[64];
    int failed = begin(name, device_of(handle));
    if (failed) return failed;
    snprintf(key, sizeof key, "%d.%s", device_of(handle), field);
    return look(key, value) ? SUCCESS : NOT_SUPPORTED;
}

static int get_word(const char *name, void *handle, const char *field, unsigned *word) {
    u64 value = 0;
    int failed = get(name, handle, field, &value);
    *word = (unsigned)value;
    return failed;
}

int nvmlInitWithFlags(unsigned flags) {
    u64 value = 0;
    (void)flags;
    begin("nvmlInit", -1);
    return look("init.error", &value) ? (int)value : SUCCESS;
}
int nvmlShutdown(void) { return begin("nvmlShutdown", -1); }
const char *nvmlErrorString(int code) { (void)code; return "an error of the stand-in"; }

int nvmlDeviceGetCount_v2(unsigned *count) {
    u64 value = 0;
    int failed = begin("nvmlDeviceGetCount", -1);
    look("devices", &value);
    *count = (unsigned)value;
    return failed;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **handle) {
    *handle = (void *)(size_t)(index + 1);
    return begin("nvmlDeviceGetHandleByIndex", (int)index);
}
int nvmlDeviceGetHandleByPciBusId_v2(const char *bus, void **handle) {
    u64 devices = 0;
    unsigned domain = 0, number = 0;
    look("devices", &devices);
    if (sscanf(bus, "%x:%x:", &domain, &number) != 2) return INVALID;
    int device = (int)number - BUS(0);
    *handle = (void *)(size_t)(device + 1);
    if (device < 0 || device >= (int)devices) return NOT_FOUND;
    return begin("nvmlDeviceGetHandleByPciBusId", device);
}

struct pci { char legacy[16]; unsigned domain, bus, device, id, subsystem; char bus_id[32]; };
int nvmlDeviceGetPciInfo_v3(void *handle, struct pci *info) {
    memset(info, 0, sizeof *info);
    snprintf(info->bus_id, sizeof info->bus_id, "00000000:%02X:00.0", BUS(device_of(handle)));
    return begin("nvmlDeviceGetPciInfo", device_of(handle));
}
int nvmlDeviceGetUUID(void *handle, char *text, unsigned size) {
    snprintf(text, size, "GPU-0000-%d", device_of(handle));
    return begin("nvmlDeviceGetUUID", device_of(handle));
}
int nvmlDeviceGetName(void *handle, char *text, unsigned size) {
    snprintf(text, size, "NVIDIA Stand-In %d", device_of(handle));
    return begin("nvmlDeviceGetName", device_of(handle));
}

struct rates { unsigned gpu, memory; };
int nvmlDeviceGetUtilizationRates(void *handle, struct rates *rates) {
    u64 memory = 0;
    char key[64];
    int failed = get_word("nvmlDeviceGetUtilizationRates", handle, "gpu", &rates->gpu);
    snprintf(key, sizeof key, "%d.bandwidth", device_of(handle));
    look(key, &memory);
    rates->memory = (unsigned)memory;
    return failed;
}
struct memory { u64 total, free, used; };
int nvmlDeviceGetMemoryInfo(void *handle, struct memory *memory) {
    char key[64];
    int failed = get("nvmlDeviceGetMemoryInfo", handle, "total", &memory->total);
    snprintf(key, sizeof key, "%d.used", device_of(handle));
    look(key, &memory->used);
    memory->free = memory->total - memory->used;
    return failed;
}
struct temperature { unsigned version; int sensor, degrees; };
int nvmlDeviceGetTemperatureV(void *handle, struct temperature *temperature) {
    u64 value = 0;
    int failed = get("nvmlDeviceGetTemperatureV", handle, "celsius", &value);
    temperature->degrees = (int)value;
    return failed;
}
int nvmlDeviceGetTemperature(void *handle, int sensor, unsigned *degrees) {
    (void)sensor;
    return get_word("nvmlDeviceGetTemperature", handle, "celsius", degrees);
}
int nvmlDeviceGetPowerUsage(void *handle, unsigned *milliwatts) {
    return get_word("nvmlDeviceGetPowerUsage", handle, "milliwatts", milliwatts);
}
int nvmlDeviceGetEnforcedPowerLimit(void *handle, unsigned *milliwatts) {
    return get_word("nvmlDeviceGetEnforcedPowerLimit", handle, "limit", milliwatts);
}
int nvmlDeviceGetTotalEnergyConsumption(void *handle, u64 *millijoules) {
    return get("nvmlDeviceGetTotalEnergyConsumption", handle, "millijoules", millijoules);
}
int nvmlDeviceGetClockInfo(void *handle, int kind, unsigned *megahertz) {
    (void)kind;
    return get_word("nvmlDeviceGetClockInfo", handle, "megahertz", megahertz);
}
int nvmlDeviceGetMaxClockInfo(void *handle, int kind, unsigned *megahertz) {
    (void)kind;
    return get_word("nvmlDeviceGetMaxClockInfo", handle, "most_megahertz", megahertz);
}
int nvmlDeviceGetFanSpeed(void *handle, unsigned *percent) {
    return get_word("nvmlDeviceGetFanSpeed", handle, "fan", percent);
}
int nvmlDeviceGetCurrentClocksEventReasons(void *handle, u64 *reasons) {
    return get("nvmlDeviceGetCurrentClocksEventReasons", handle, "throttled", reasons);
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void *handle, u64 *reasons) {
    return get("nvmlDeviceGetCurrentClocksThrottleReasons", handle, "throttled", reasons);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel I2C adapters and network interfaces with simulated optical modules
 * behind them, to test against and for nothing else.
 *
 * A cage holds the memory of one module (cage.c). It hangs on an adapter, or on
 * a channel of a mux below one (bus.c), and behind a network interface whose
 * "firmware" sees the same memory (interface.c). owner.c is a driver that owns a
 * module, as optoe does. main.c builds it all and takes it down.
 */
#ifndef HILBUS_H
#define HILBUS_H

#include <linux/debugfs.h>
#include <linux/i2c.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/xarray.h>

/* Bytes of a sheet: lower memory, or one page. */
#define SHEET 128
/* The 7-bit address of a module; the second device of an SFP has the next one. */
#define MODULE_ADDRESS 0x50
#define DEVICES 2
/* Kinds of FEC counts, and lanes that each is told for. */
#define FEC_KINDS 3
#define FEC_LANES 8

struct platform_device;
struct net_device;
struct i2c_mux_core;

/* One cage. `lock` guards the memory and what the module remembers; the knobs
 * below it are single words that debugfs sets and the transfers read. */
struct cage {
	struct mutex lock;
	struct xarray sheets;
	u8 pointer[DEVICES];
	u8 bank, page;

	bool present;
	/* Fail the next so many transfers, or every so-manieth, with this errno. */
	u32 fail_errno, fail_next, fail_every;
	/* How long a transfer takes; longer than the adapter waits is a timeout. */
	u32 delay_us;
	/* While set, transfers do not come back, whatever is killed. */
	bool hang;
	wait_queue_head_t woken;

	u32 transfers, stray_writes;
	/* The number of the adapter that it hangs on. */
	u32 adapter;
	u64 fec[FEC_KINDS][1 + FEC_LANES];
	u32 speed;

	struct dentry *folder;
	struct net_device *interface;
};

int cage_init(struct cage *cage, struct dentry *parent, unsigned int number);
/* Lets transfers that hang come back. */
void cage_release(struct cage *cage);
/* Frees the memory, when its files, adapter and interface are gone. */
void cage_exit(struct cage *cage);
/* Runs messages of one transfer, waiting no longer than `timeout` jiffies. */
int cage_transfer(struct cage *cage, struct i2c_msg *msgs, int count, int timeout);
/* What the module holds, as firmware reads it: no select, no effect. */
int cage_peek(struct cage *cage, u16 address, u8 bank, u8 page, u32 offset, u32 length, u8 *data);

/* One adapter and what hangs on it. */
struct bus {
	const struct bus_kind *kind;
	struct i2c_adapter adapter;
	struct i2c_mux_core *mux;
	struct cage **cages;
	/* Cages on a mux; none stands for one cage without a mux. */
	unsigned int channels;
	/* The cage that is connected now. */
	struct cage *connected;
	struct device *parent;
	struct mutex plug_lock;
	bool plugged;
};

const struct bus_kind *bus_kind(const char *name);
int bus_plug(struct bus *bus);
void bus_unplug(struct bus *bus);
extern const struct file_operations bus_plugged_ops;

int interface_add(struct cage *cage, struct device *parent, unsigned int number);
void interface_remove(struct cage *cage);

extern struct i2c_driver owner_driver;

#endif

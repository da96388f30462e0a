"""Steps of pre-training: pictures in, cross-entropy over the training classes, SGD.

Shapes: B pictures in a batch.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.config import Backbone as Settings
from engine.config import Experiment
from engine.data.store import Split
from engine.images.backbones.backbone import initialise
from engine.images.backbones.resnet12 import ResNet12
from engine.pretraining.augmentation import moved, recoloured
from engine.pretraining.draws import Draws, draw, network_seed
from engine.pretraining.features import embed_pictures
from engine.pretraining.mixing import mixed_inside
from engine.pretraining.pictures import Pictures, measured_normalisation
from engine.pretraining.schedule import step_size
from engine.pretraining.stopwatch import stopwatch_for
from engine.pretraining.trained_backbone import (
    TrainedBackbone,
    features_at,
    fill,
    new_backbone,
    to_device,
    top_layer,
)

_QUARTERS = 4
_MOMENTUM, _BATCHES_SEEN = ".momentum", "batches_seen"


class PretrainingStep:
    """Takes steps of pre-training; its only state is weights and momenta.

    The pictures of a step, and all that is drawn for it, are a function of the seed and its number,
    so any step can be repeated from a checkpoint before it.

    Parameters
    ----------
    experiment
        All settings; its learner is a backbone.
    settings
        The same learner's.
    pictures
        Training pictures.
    validation
        Pictures of the validation classes.
    device
        Where to train.
    """

    def __init__(
        self,
        experiment: Experiment,
        settings: Settings,
        pictures: Pictures,
        validation: Pictures,
        device: torch.device,
    ) -> None:
        self.device, self._settings, self._experiment = device, settings, experiment
        self._pictures, self._validation = pictures, validation
        self._labels = pictures.labels.to(device)
        self._normalisation = measured_normalisation(pictures)
        seed = self._seed = experiment.run.seed
        self._backbone = to_device(new_backbone(settings, seed), device)
        self._layer, self._top = self._backbone.layer, top_layer(self._backbone)
        classes = len(pictures.class_names) * (_QUARTERS if settings.rotated_classes else 1)
        width = features_at(self._top, self._backbone)
        self._heads = nn.ModuleDict({"classes": nn.Linear(width, classes)})
        if settings.rotation_weight:
            self._heads["quarters"] = nn.Linear(width, _QUARTERS)
        initialise(self._heads, torch.Generator().manual_seed(network_seed(seed, 0)))
        self._heads.to(device)
        self._parameters = [*self._backbone.parameters(), *self._heads.parameters()]
        self._optimizer = torch.optim.SGD(
            self._parameters,
            lr=settings.lr,
            momentum=settings.momentum,
            nesterov=True,
            weight_decay=settings.weight_decay,
        )
        self._stopwatch = stopwatch_for(device)

    def __call__(self, steps: range) -> Tensor:
        """Take steps by their numbers; returns metrics (steps, 1, columns)."""
        return torch.stack([self._step(step) for step in steps])[:, None]

    def _step(self, step: int) -> Tensor:
        """Take one step and return its metrics, (columns,)."""
        watch = self._stopwatch
        watch.begin()
        draws = draw(self._settings, self._seed, step, len(self._pictures.images))
        images, labels, quarters = self._batch(draws)
        watch.split()
        rate = step_size(self._settings, step, self._experiment.schedule.steps)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad(set_to_none=True)
        loss, accuracy, rotation_loss = self._loss(step, images, labels, quarters, draws)
        loss.backward()
        gradients = [each.grad for each in self._parameters if each.grad is not None]
        norm = torch.stack(torch._foreach_norm(gradients)).norm()
        self._optimizer.step()
        watch.end()
        of_host = loss.new_tensor([rate, watch.share])
        of_device = torch.stack((loss.detach().float(), accuracy, rotation_loss.detach().float()))
        return torch.cat((of_device, of_host, norm[None].float()))

    def _batch(self, draws: Draws) -> tuple[Tensor, Tensor, Tensor]:
        """Make what the network sees, with its classes and by how many quarters it is turned."""
        settings, device = self._settings, self.device
        store = self._pictures.images
        some = store[draws.rows.to(store.device)].to(device, non_blocking=True)
        images = moved(some, draws.maps.to(device), settings.image_side)
        if draws.colours is not None:
            images = recoloured(images, draws.colours.to(device))
        images = self._normalisation(images).contiguous(memory_format=torch.channels_last)
        labels, quarters = self._labels[draws.rows.to(device)], draws.quarters.to(device)
        if settings.rotated_classes:
            labels = labels + quarters * len(self._pictures.class_names)
        return images, labels, quarters

    def _loss(
        self, step: int, images: Tensor, labels: Tensor, quarters: Tensor, draws: Draws
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the loss, the accuracy on the batch, and the loss of telling turns."""
        settings, mixing = self._settings, draws.mixing
        if mixing is not None:
            mixing = mixing._replace(partners=mixing.partners.to(self.device))
        with (
            self._training(step),
            nullcontext() if mixing is None else mixed_inside(self._backbone, mixing),
        ):
            features = self._backbone(images)
            logits = self._heads["classes"](features)
            turns = self._heads["quarters"](features) if settings.rotation_weight else None

        def mixed_loss(scores: Tensor, targets: Tensor, smoothing: float) -> Tensor:
            own = functional.cross_entropy(scores.float(), targets, label_smoothing=smoothing)
            if mixing is None:
                return own
            others = functional.cross_entropy(
                scores.float(), targets[mixing.partners], label_smoothing=smoothing
            )
            return mixing.share * own + (1 - mixing.share) * others

        loss = mixed_loss(logits, labels, settings.label_smoothing)
        rotation_loss = loss.new_zeros(())
        if turns is not None:
            rotation_loss = mixed_loss(turns, quarters, 0.0)
            loss = loss + settings.rotation_weight * rotation_loss
        accuracy = (logits.argmax(1) == labels).float().mean()
        return loss, accuracy, rotation_loss

    @contextmanager
    def _training(self, step: int) -> Iterator[None]:
        """Let the backbone train inside the block: its last layer, and what it drops, by step."""
        device = self.device
        self._backbone.train()
        self._backbone.layer = self._top
        devices = [device] if device.type == "cuda" else []
        try:
            with (
                torch.random.fork_rng(devices),
                torch.autocast("cuda", torch.bfloat16, enabled=device.type == "cuda"),
            ):
                torch.manual_seed(network_seed(self._seed, step))
                yield
        finally:
            self._backbone.layer = self._layer

    def examined(self) -> Generator[None, None, Split]:
        """Embed the validation pictures with the weights as they are."""
        return embed_pictures(
            self._backbone,
            self._normalisation,
            self._validation,
            self.device,
            normalize=self._experiment.data.normalize,
        )

    def weights(self, member: int = 0) -> dict[str, Tensor]:
        """Return what a checkpoint holds: the backbone, and how it wants pictures normalised."""
        return TrainedBackbone(self._backbone, self._normalisation).tensors()

    def moments(self, member: int = 0) -> dict[str, Tensor]:
        """Return what only training needs: momenta, and what tells training classes apart."""
        named = {f"heads.{name}": each for name, each in self._heads.state_dict().items()}
        for name, parameter in self._named_parameters():
            state = self._optimizer.state.get(parameter, {})
            if state.get("momentum_buffer") is not None:
                named[name + _MOMENTUM] = state["momentum_buffer"]
        if isinstance(self._backbone, ResNet12):
            named[_BATCHES_SEEN] = torch.tensor(self._backbone.batches_seen)
        return named

    def restore(
        self, weights: Mapping[str, Tensor], moments: Mapping[str, Tensor], member: int = 0
    ) -> None:
        """Go back to what `weights` and `moments` once returned."""
        fill(self._backbone, weights)
        heads = {name: moments[f"heads.{name}"] for name in self._heads.state_dict()}
        self._heads.load_state_dict(heads)
        for name, parameter in self._named_parameters():
            momentum = moments.get(name + _MOMENTUM)
            if momentum is None:
                self._optimizer.state.pop(parameter, None)
            else:
                buffer = torch.empty_like(parameter)  # laid out as the parameter is
                self._optimizer.state[parameter] = {"momentum_buffer": buffer.copy_(momentum)}
        if isinstance(self._backbone, ResNet12):
            self._backbone.batches_seen = int(moments[_BATCHES_SEEN])

    def _named_parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        yield from self._backbone.named_parameters()
        yield from self._heads.named_parameters("heads")
